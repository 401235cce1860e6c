import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { memberPki } from './etcd-client.ts'

type Stored = RecordOf<'stored'>['events'][number]
type Emit = (record: JournalRecord) => void

/** One line of etcd's JSON gateway; 64-bit numbers come as strings, and what is zero or a put does not come at all. */
interface Answer {
  readonly result?: {
    readonly header?: { readonly revision?: string }
    readonly created?: boolean
    readonly canceled?: boolean
    readonly compact_revision?: string
    readonly events?: readonly {
      readonly type?: 'PUT' | 'DELETE'
      readonly kv: { readonly key: string; readonly mod_revision: string }
    }[]
  }
}

const prefix = '/registry/'
/** One above the last key with the prefix. */
const end = '/registry0'
const reconnectMs = 100
/** A member that says nothing for so long is taken for gone: where Kubernetes runs, leases are renewed more often. */
const idleMs = 15_000

/**
 * Watches what this machine's member commits, through all interruptions: a watch that broke goes on at the next revision.
 * What was compacted away meanwhile is told as a gap.
 */
export class EtcdStore {
  readonly #member: string
  readonly #emit: Emit
  readonly #stop = new AbortController()
  readonly #standing = Promise.withResolvers<void>()
  #next: number | undefined
  readonly #ended: Promise<void>

  constructor(member: string, emit: Emit) {
    this.#member = member
    this.#emit = emit
    this.#ended = this.#run()
  }

  /** Resolves once the watch stands, or is closed: from then on nothing is committed that it does not tell. */
  get standing(): Promise<void> {
    return this.#standing.promise
  }

  async close(): Promise<void> {
    this.#stop.abort()
    await this.#ended
    this.#standing.resolve()
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop
    let lostAt: number | undefined
    while (!signal.aborted) {
      try {
        await watchStore({ from: this.#next, signal }, (revision, events, compacted) => {
          if (lostAt !== undefined) this.#gap(lostAt, 'the watch of the store broke', compacted)
          lostAt = undefined
          this.#standing.resolve()
          this.#next = Math.max(this.#next ?? 0, compacted ?? 0, revision + 1)
          if (events.length > 0) this.#emit({ kind: 'stored', at: now(), member: this.#member, events: [...events] })
        })
      } catch {
        // Whatever broke it, the member is asked again until it answers; the time between is told then.
      }
      lostAt ??= now()
      await delay(reconnectMs, undefined, { signal }).catch(() => undefined)
    }
  }

  #gap(since: number, reason: string, compacted: number | undefined): void {
    const lost = compacted === undefined ? '' : `; everything before revision ${compacted} is compacted away`
    const source = `etcd@${this.#member}`
    this.#emit({ kind: 'gap', at: since, until: now(), source, resource: 'registry', reason: `${reason}${lost}` })
  }
}

/** Every commit from a revision until another, as etcd still knows them. @throws when they were compacted away */
export async function storeHistory(from: number, until: number): Promise<Stored[]> {
  const found: Stored[] = []
  const enough = new AbortController()
  await watchStore({ from, signal: enough.signal }, (_, events) => {
    found.push(...events.filter((event) => event.revision <= until))
    if (events.some((event) => event.revision >= until)) enough.abort()
  })
  return found
}

/** `revision` is the last one of which everything was told. */
type Tell = (revision: number, events: readonly Stored[], compacted?: number) => void

interface Following {
  /** The first revision that is wanted; without one, what comes from now on. */
  readonly from: number | undefined
  readonly signal: AbortSignal
}

/** Resolves when it was aborted, rejects when the stream broke. */
function watchStore({ from, signal }: Following, tell: Tell): Promise<void> {
  const key = base64(prefix)
  const create = { key, range_end: base64(end), progress_notify: true, ...(from ? { start_revision: from } : {}) }
  return new Promise((resolve, reject) => {
    const sent = request(
      'https://127.0.0.1:2379/v3/watch',
      {
        method: 'POST',
        timeout: idleMs,
        cert: readFileSync(memberPki.certificate),
        key: readFileSync(memberPki.key),
        ca: readFileSync(memberPki.authority),
      },
      (response) => {
        let rest = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          const lines = (rest + chunk).split('\n')
          rest = lines.pop() ?? ''
          try {
            for (const line of lines) if (line !== '') hear(JSON.parse(line) as Answer, from, tell)
          } catch (error) {
            sent.destroy(error instanceof Error ? error : new Error(String(error)))
          }
        })
        response.on('end', () => reject(new Error('the member ended the watch')))
        response.on('error', reject)
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`nothing was heard for ${idleMs} ms`)))
    sent.on('error', (error) => (signal.aborted ? resolve() : reject(error)))
    signal.addEventListener('abort', () => sent.destroy(new Error('done')), { once: true })
    sent.end(JSON.stringify({ create_request: create }))
  })
}

function hear({ result = {} }: Answer, from: number | undefined, tell: Tell): void {
  const { header, created = false, canceled = false, compact_revision: compacted, events = [] } = result
  const revision = Number(header?.revision ?? 0)
  if (compacted !== undefined && compacted !== '0') {
    tell(0, [], Number(compacted))
    throw new Error(`everything before revision ${compacted} is compacted away`)
  }
  if (canceled) throw new Error('the member cancelled the watch')
  // The watch stands. What was committed since a revision that was asked for is still to come.
  if (created) return tell(from === undefined ? revision : 0, [])
  const stored = events.map(({ type, kv }): Stored => ({
    key: Buffer.from(kv.key, 'base64').toString(),
    revision: Number(kv.mod_revision),
    type: type === 'DELETE' ? 'delete' : 'put',
  }))
  tell(stored.at(-1)?.revision ?? revision, stored)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
