import { setTimeout as delay } from 'node:timers/promises'
import { fromBase64 } from '../../common/base64.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import type { WatchMessage } from './etcd-answers.ts'
import { keysWith } from './etcd-client.ts'
import { watchMember } from './etcd-stream.ts'

type Stored = RecordOf<'stored'>['events'][number]
type Emit = (record: JournalRecord) => void

const prefix = '/registry/'
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
  const create = { ...keysWith(prefix), progress_notify: true, ...(from ? { start_revision: from } : {}) }
  return watchMember(create, { signal, idleMs }, (message) => receive(message, from, report))
}

function receive({ result }: WatchMessage, from: number | undefined, report: Report): void {
  const { header, created, canceled, compact_revision: compacted = 0, events = [] } = result ?? {}
  const revision = header?.revision ?? 0
  if (compacted > 0) {
    report(0, [], compacted)
    throw new Error(`everything before revision ${compacted} is compacted away`)
  }
  if (canceled) throw new Error('the member cancelled the watch')
  // The watch is established. Commits since a requested revision are still to come.
  if (created) return report(from === undefined ? revision : 0, [])
  const stored = events.map(({ type, kv }): Stored => ({
    key: fromBase64(kv.key),
    revision: kv.mod_revision,
    type: type === 'DELETE' ? 'delete' : 'put',
  }))
  report(stored.at(-1)?.revision ?? revision, stored)
}
