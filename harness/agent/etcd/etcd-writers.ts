import { errorMessage } from '../../common/error-message.mjs'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { base64 } from '../../common/base64.ts'
import { http } from '../rpc/http.ts'
import { etcdRequest } from './etcd-client.ts'
import type { EtcdWriteSpec } from '../rpc/parameters.ts'

/** Clients that put fresh keys into etcd members at a fixed rate, over the JSON gateways, and record each outcome. */
export class EtcdWriters {
  readonly #emit: (record: JournalRecord) => void
  readonly #timers = new Set<NodeJS.Timeout>()

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
  }

  /** Starts a client of one member. A put does not wait for the outcome of the one before. */
  write({ member, url, prefix, perSecond, timeoutMs }: EtcdWriteSpec): void {
    let n = 0
    const put = async (): Promise<void> => {
      const key = `${prefix}${member}-${n++}`
      const at = now()
      const base = { kind: 'write', at, via: member, key, value: String(at) } as const
      const body = { key: base64(key), value: base64(base.value) }
      try {
        await etcdRequest(http, '/v3/kv/put', body, { timeoutMs, member: url })
        this.#emit({ ...base, endedAt: now(), outcome: 'acked' })
      } catch (error) {
        const message = errorMessage(error)
        this.#emit({ ...base, endedAt: now(), outcome: isRefusal(message) ? 'refused' : 'unknown', error: message })
      }
    }
    this.#timers.add(setInterval(() => void put(), 1000 / perSecond))
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers.clear()
  }
}

/** Only an answer that rules the write out is a refusal: no process listened, or etcd reports that it did not take it. */
function isRefusal(message: string): boolean {
  return /ECONNREFUSED|no leader|not leader/.test(message)
}
