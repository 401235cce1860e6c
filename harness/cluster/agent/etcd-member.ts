import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { askEtcd, base64 } from './etcd-client.ts'
import type { EtcdFollowing, EtcdWriting } from './protocol.ts'

const statusTimeoutMs = 1_000

/** Loaded with the first use: only three machines in eight need it, and every agent's start is part of a boot. */
const answers = async () => import('./etcd-answers.ts')

/** Observes and uses the etcd member of this machine as a client would, over its own JSON gateway with mutual TLS. */
export class EtcdMember {
  readonly #timers = { following: new Set<NodeJS.Timeout>(), writing: new Set<NodeJS.Timeout>() }
  readonly #emit: (record: JournalRecord) => void
  #names = new Map<string, string>()

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
  }

  /** One `etcd` record each `everyMs`; a member that is asked while the last question is open is asked again later. */
  async follow({ member, everyMs }: EtcdFollowing): Promise<void> {
    const listed = (await answers()).members.parse(
      await askEtcd('/v3/cluster/member/list', {}, { timeoutMs: statusTimeoutMs }),
    )
    this.#names = new Map(listed.members.map(({ ID, name }) => [ID, name]))
    let asking = false
    this.#every('following', everyMs, async () => {
      if (asking) return
      asking = true
      this.#emit(await this.#status(member))
      asking = false
    })
  }

  /** Puts a fresh key at a fixed rate, whether or not the last put was answered. */
  write({ member, prefix, perSecond, timeoutMs }: EtcdWriting): void {
    let n = 0
    this.#every('writing', 1000 / perSecond, async () => {
      const key = `${prefix}${member}-${n++}`
      const at = now()
      const base = { kind: 'write', at, via: member, key, value: String(at) } as const
      try {
        await askEtcd('/v3/kv/put', { key: base64(key), value: base64(base.value) }, { timeoutMs })
        this.#emit({ ...base, endedAt: now(), outcome: 'acked' })
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        this.#emit({ ...base, endedAt: now(), outcome: isRefusal(message) ? 'refused' : 'unknown', error: message })
      }
    })
  }

  stop(what: 'following' | 'writing'): void {
    for (const timer of this.#timers[what]) clearInterval(timer)
    this.#timers[what].clear()
  }

  #every(what: 'following' | 'writing', ms: number, action: () => Promise<void>): void {
    this.#timers[what].add(setInterval(() => void action(), ms))
  }

  async #status(member: string): Promise<JournalRecord> {
    const at = now()
    try {
      const { header, leader } = (await answers()).status.parse(
        await askEtcd('/v3/maintenance/status', {}, { timeoutMs: statusTimeoutMs }),
      )
      return {
        kind: 'etcd',
        at,
        member,
        answered: true,
        leader: leader === '0' ? '' : (this.#names.get(leader) ?? leader),
        term: Number(header.raft_term),
        revision: Number(header.revision),
      }
    } catch (error) {
      return {
        kind: 'etcd',
        at,
        member,
        answered: false,
        error: error instanceof Error ? error.message : String(error),
      }
    }
  }
}

/** Only an answer that rules the write out is a refusal: nobody listened, or etcd says it did not take it. */
function isRefusal(message: string): boolean {
  return /ECONNREFUSED|no leader|not leader/.test(message)
}
