import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { setTimeout as delay } from 'node:timers/promises'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { memberPki } from './etcd-client.ts'

type Stored = RecordOf<'stored'>['events'][number]
type Emit = (record: JournalRecord) => void

/** One line of etcd's JSON gateway. 64-bit numbers are strings; zero values, and the type of a put, are omitted. */
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
/** A member that is silent for this long counts as gone: where Kubernetes runs, Leases are renewed more often. */
const idleMs = 15_000

/**
 * Watches what this machine's member commits, through all interruptions: a broken watch continues at the next revision.
 * Revisions compacted meanwhile are recorded as a gap.
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

  /** Resolves once the watch is established, or closed: from then on it reports every commit. */
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
        // The watch is retried until the member answers; the time between is recorded then.
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

/** Returns every commit from one revision to another that etcd still has. @throws when they were compacted away */
export async function storeHistory(from: number, until: number): Promise<Stored[]> {
  const found: Stored[] = []
  const enough = new AbortController()
  await watchStore({ from, signal: enough.signal }, (_, events) => {
    found.push(...events.filter((event) => event.revision <= until))
    if (events.some((event) => event.revision >= until)) enough.abort()
  })
  return found
}

/** `revision` is the last one up to which everything was reported. */
type Report = (revision: number, events: readonly Stored[], compacted?: number) => void

interface Following {
  /** The first wanted revision; without one, only new commits. */
  readonly from: number | undefined
  readonly signal: AbortSignal
}

/** Resolves when it was aborted, rejects when the stream broke. */
function watchStore({ from, signal }: Following, report: Report): Promise<void> {
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
            for (const line of lines) if (line !== '') receive(JSON.parse(line) as Answer, from, report)
          } catch (error) {
            sent.destroy(error instanceof Error ? error : new Error(String(error)))
          }
        })
        response.on('end', () => reject(new Error('the member ended the watch')))
        response.on('error', reject)
      },
    )
    sent.on('timeout', () => sent.destroy(new Error(`nothing was received for ${idleMs} ms`)))
    sent.on('error', (error) => (signal.aborted ? resolve() : reject(error)))
    signal.addEventListener('abort', () => sent.destroy(new Error('done')), { once: true })
    sent.end(JSON.stringify({ create_request: create }))
  })
}

function receive({ result = {} }: Answer, from: number | undefined, report: Report): void {
  const { header, created = false, canceled = false, compact_revision: compacted, events = [] } = result
  const revision = Number(header?.revision ?? 0)
  if (compacted !== undefined && compacted !== '0') {
    report(0, [], Number(compacted))
    throw new Error(`everything before revision ${compacted} is compacted away`)
  }
  if (canceled) throw new Error('the member cancelled the watch')
  // The watch is established. Commits since a requested revision are still to come.
  if (created) return report(from === undefined ? revision : 0, [])
  const stored = events.map(({ type, kv }): Stored => ({
    key: Buffer.from(kv.key, 'base64').toString(),
    revision: Number(kv.mod_revision),
    type: type === 'DELETE' ? 'delete' : 'put',
  }))
  report(stored.at(-1)?.revision ?? revision, stored)
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
