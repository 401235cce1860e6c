import { errorMessage } from '../../common/error-message.mjs'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { http } from '../rpc/http.ts'
import { etcdRequest } from './etcd-client.ts'
import type { EtcdFollowSpec } from '../rpc/parameters.ts'

const statusTimeoutMs = 1_000

/** Loaded with the first use: only three machines in eight need it, and every agent's start is part of a boot. */
const answers = async () => import('./etcd-answers.ts')

/** Observes the etcd member of this machine as a client would, over its own JSON gateway with mutual TLS. */
export class EtcdMember {
  readonly #emit: (record: JournalRecord) => void
  #timer: NodeJS.Timeout | undefined
  #names = new Map<string, string>()

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
  }

  /** Emits an `etcd` record every `everyMs`; a tick during an open request is skipped. The member may be down. */
  follow({ member, everyMs }: EtcdFollowSpec): void {
    this.stop()
    let isOpen = false
    const observe = async (): Promise<void> => {
      if (isOpen) return
      isOpen = true
      this.#emit(await this.#status(member))
      isOpen = false
    }
    this.#timer = setInterval(() => void observe(), everyMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #status(member: string): Promise<JournalRecord> {
    const at = now()
    const base = { kind: 'etcd', at, member } as const
    try {
      const { header, leader } = (await answers()).status.parse(await request('/v3/maintenance/status'))
      return {
        ...base,
        answered: true,
        leader: leader === '0' ? '' : await this.#nameOf(leader),
        term: header.raft_term,
        revision: header.revision,
      }
    } catch (error) {
      return { ...base, answered: false, error: errorMessage(error) }
    }
  }

  /** A member that was removed and added again has another id. The list is the member's own: it needs no quorum. */
  async #nameOf(id: string): Promise<string> {
    if (!this.#names.has(id)) {
      const listed = (await answers()).members.parse(await request('/v3/cluster/member/list'))
      this.#names = new Map(listed.members.map(({ ID, name }) => [ID, name]))
    }
    return this.#names.get(id) ?? id
  }
}

function request(path: string): Promise<unknown> {
  return etcdRequest(http, path, {}, { timeoutMs: statusTimeoutMs })
}
