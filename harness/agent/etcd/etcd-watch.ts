import { errorMessage } from '../../common/error-message.mjs'
import { fromBase64 } from '../../common/base64.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { EtcdWatchSpec } from '../rpc/parameters.ts'
import type { EtcdWatchEnd } from '../rpc/results.ts'
import type { WatchMessage } from './etcd-answers.ts'
import { keysWith } from './etcd-client.ts'
import { watchMember } from './etcd-stream.ts'

/** How often a member gets a progress request: it answers with a revision up to which it has sent everything. */
const progressEveryMs = 500

/** Watches of this machine's etcd member. Each event is recorded as it arrives, with the message that contained it. */
export class EtcdWatches {
  readonly #emit: (record: JournalRecord) => void
  readonly #open = new Set<AbortController>()

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
  }

  /** Resolves when the watch has ended, for any reason, with how far it got. */
  async watch({ id, prefix, since, lastKey }: EtcdWatchSpec): Promise<EtcdWatchEnd> {
    const stop = new AbortController()
    this.#open.add(stop)
    let [last, batch] = [since, 0]
    let ended: EtcdWatchEnd | undefined
    const receive = ({ result }: WatchMessage): void => {
      const {
        events = [],
        header,
        created,
        canceled,
        compact_revision: compacted = 0,
        cancel_reason: reason = '',
      } = result ?? {}
      if (canceled) ended = { last, end: compacted > 0 ? 'expired' : 'broken', compacted, reason }
      batch++
      if (header && events.length === 0 && !created && !canceled) {
        const mark = { event: 'bookmark', key: '', value: '', revision: header.revision } as const
        this.#emit({ kind: 'notification', at: now(), stream: id, ...mark, batch })
      }
      for (const { type, kv } of events) {
        last = kv.mod_revision
        const deleted = type === 'DELETE'
        const key = fromBase64(kv.key).slice(prefix.length)
        this.#emit({
          kind: 'notification',
          at: now(),
          stream: id,
          event: deleted ? 'deleted' : kv.create_revision === kv.mod_revision ? 'added' : 'modified',
          key,
          value: deleted ? '' : fromBase64(kv.value),
          revision: kv.mod_revision,
          batch,
        })
        if (key === lastKey) ended = { last, end: 'closed', reason: 'everything was reported' }
      }
      if (ended) stop.abort()
    }
    const create = { ...keysWith(prefix), start_revision: String(since + 1) }
    try {
      await watchMember(create, { signal: stop.signal, progressEveryMs }, receive)
      return ended ?? { last, end: 'closed', reason: 'the stream ended' }
    } catch (error) {
      return ended ?? { last, end: 'broken', reason: errorMessage(error) }
    } finally {
      this.#open.delete(stop)
    }
  }

  close(): void {
    for (const stop of this.#open) stop.abort()
  }
}
