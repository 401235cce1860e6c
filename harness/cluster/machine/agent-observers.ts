import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Methods } from '../../agent/rpc/protocol.ts'
import type { Connection } from '../../agent/rpc/connection.ts'

type Follow = 'followAudit' | 'followEtcd' | 'followStore'

/** What is missing while an agent does not run. A member's status has no gap: its records have a fixed rate. */
const resources: Readonly<Record<Follow, 'audit' | 'registry' | undefined>> = {
  followAudit: 'audit',
  followStore: 'registry',
  followEtcd: undefined,
}

interface Observer {
  readonly params: unknown
  lostAt?: number
}

/** The observers that a machine's agent runs. The next agent resumes them, also after the machine was off. */
export class AgentObservers {
  readonly #running = new Map<Follow, Observer>()

  get any(): boolean {
    return this.#running.size > 0
  }

  /** Registers a call that has started an observer, if it is one. */
  recordStart(method: keyof Methods, params: unknown): void {
    if (isFollow(method)) this.#running.set(method, { params })
  }

  /** Registers a call that stops an observer, if it is one. It counts also where the machine is off. */
  recordStop(method: keyof Methods, params: unknown): void {
    if (method === 'stopStore') this.#running.delete('followStore')
    if (method === 'stopEtcd' && (params as { what: string }).what === 'following') this.#running.delete('followEtcd')
  }

  clear(): void {
    this.#running.clear()
  }

  /** The agent has ended, and its observers with it. */
  recordLoss(): void {
    for (const observer of this.#running.values()) observer.lostAt ??= now()
  }

  /**
   * Starts the lost observers in another agent, and emits a gap for the time in between. Does not wait for them: a member that
   * starts with its machine answers later, and the caller may have to start the other members first.
   */
  resume(connection: Connection, machine: string, emit: (record: JournalRecord) => void): void {
    for (const [method, observer] of this.#running) {
      if (observer.lostAt !== undefined) void this.#resume(method, observer, { connection, machine, emit })
    }
  }

  async #resume(
    method: Follow,
    observer: Observer,
    to: { readonly connection: Connection; readonly machine: string; readonly emit: (record: JournalRecord) => void },
  ): Promise<void> {
    const { params, lostAt = now() } = observer
    const isResumed = await to.connection.call(method, params as never).then(
      () => true,
      () => false,
    )
    // It was stopped, or started by another call.
    if (this.#running.get(method) !== observer) return
    if (isResumed) this.#running.set(method, { params })
    const resource = resources[method]
    if (resource === undefined) return
    const source = resource === 'registry' ? `etcd@${to.machine}` : to.machine
    const reason = isResumed ? 'the agent that followed it had ended' : 'it could not be followed again'
    to.emit({ kind: 'gap', at: lostAt, until: now(), source, resource, reason })
  }
}

function isFollow(method: keyof Methods): method is Follow {
  return method in resources
}
