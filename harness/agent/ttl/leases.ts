import { errorMessage } from '../../common/error-message.mjs'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import type { AgentAction } from '../actions/action.ts'
import { exclusively } from './exclusive.ts'
import type { LeaseStore, StoredLease } from './lease-store.ts'
import type { Action } from '../actions/known-action.ts'
import type { Facts, Recovered } from '../rpc/results.ts'
import { processOf } from '../processes/supervisor.ts'

interface Held {
  readonly action: Action
  timer: NodeJS.Timeout | undefined
  undoing: Promise<Facts> | undefined
}

type AnyAction = AgentAction<string, Action['params']>

/** A failed revert is retried after this time, for as long as the agent lives. */
const retryMs = 500
/** Any agent may revert a fault that is still on disk this long after its TTL. */
const lateMs = 1_000

/**
 * The first dead man's switch: an agent reverts its faults when their TTL ends or its stream closes. A fault is on disk
 * before it is applied, so that the next agent reverts what a killed one has left.
 */
export class Leases {
  readonly #actions: ReadonlyMap<string, AnyAction>
  readonly #store: LeaseStore
  readonly #held = new Map<string, Held>()
  #self: StoredLease['holder'] | undefined
  #recovered: Promise<Recovered[]> | undefined

  constructor(actions: readonly { readonly name: string }[], store: LeaseStore) {
    // The list shows which parameters belong to which name; a lookup by name alone does not.
    this.#actions = new Map(actions.map((action) => [action.name, action as AnyAction]))
    this.#store = store
  }

  /** Reverts what earlier agents have left, once. Faults that another living agent holds are left to it. */
  recover(): Promise<Recovered[]> {
    return (this.#recovered ??= this.#recover())
  }

  /** Resolves when none of these faults is active any more, whichever agent reverts them. @throws when one still is after `withinMs` */
  async settle(leases: readonly string[], withinMs: number): Promise<void> {
    await eventually(
      'faults to end',
      async () => {
        await this.#recover()
        const { leases: stored, unreadable } = this.#store.read()
        const left = [...stored, ...unreadable].filter(({ lease }) => leases.includes(lease))
        if (left.length > 0) throw new Error(`${left.map(({ lease }) => lease).join(', ')} still active`)
        return true
      },
      { everyMs: 50, withinMs },
    )
  }

  async take(lease: string, ttlMs: number, action: Action): Promise<Facts> {
    if (this.#held.has(lease)) throw new Error(`fault ${lease} is already active`)
    if (!(ttlMs > 0)) throw new Error(`invalid TTL ${ttlMs} ms of fault ${lease}: must be greater than 0`)
    const known = this.#known(action)
    await this.recover()
    this.#store.write({ lease, action, until: now() + ttlMs, holder: await this.#me() })
    // Registered before it is applied: an action that fails half-way is reverted as well.
    const held: Held = { action, timer: undefined, undoing: undefined }
    this.#held.set(lease, held)
    this.#arm(lease, held, ttlMs)
    try {
      return await known.do(action.params)
    } catch (error) {
      await this.release(lease).catch(() => undefined)
      throw error
    }
  }

  /**
   * Resolves with the evidence of the end, or with `already` when it was reverted before. @throws when the revert fails; it
   * is retried
   */
  async release(lease: string): Promise<Facts> {
    // Faults of earlier agents are by then reverted, or held by this one.
    await this.recover()
    const held = this.#held.get(lease)
    if (!held) return { lease, already: true }
    clearTimeout(held.timer)
    return (held.undoing ??= this.#undo(lease, held))
  }

  async proof(lease: string): Promise<Facts> {
    const held = this.#held.get(lease)
    if (!held) throw new Error(`fault ${lease} is not active`)
    const known = this.#known(held.action)
    if (!known.proof) throw new Error(`${known.name} has no evidence while it is active`)
    return known.proof(held.action.params)
  }

  async releaseAll(): Promise<void> {
    const [first, rest] = [true, false].map((first) =>
      [...this.#held].filter(([, { action }]) => (this.#known(action).first ?? false) === first),
    )
    for (const group of [first, rest]) await Promise.allSettled((group ?? []).map(([lease]) => this.release(lease)))
  }

  async #undo(lease: string, held: Held): Promise<Facts> {
    try {
      return await exclusively(lease, async () => {
        // Already reverted, by an agent that found it on the disk long past its TTL.
        const facts = this.#store.has(lease) ? await this.#revert(lease, held.action) : { lease, already: true }
        this.#held.delete(lease)
        return facts
      })
    } catch (error) {
      held.undoing = undefined
      this.#arm(lease, held, retryMs)
      throw error
    }
  }

  #arm(lease: string, held: Held, afterMs: number): void {
    held.timer = setTimeout(() => void this.release(lease).catch(() => undefined), afterMs)
  }

  async #recover(): Promise<Recovered[]> {
    const orphans: StoredLease[] = []
    const { leases, unreadable } = this.#store.read()
    for (const stored of leases) {
      if (this.#held.has(stored.lease)) continue
      const holder = await processOf(stored.holder.pid)
      const alive = holder?.startedAt === stored.holder.startedAt
      // A living holder that has not reverted it by then is not waited for.
      if (!alive || now() > stored.until + lateMs) orphans.push(stored)
    }
    const isFirst = ({ action }: StoredLease): boolean => this.#actions.get(action.do)?.first ?? false
    const recovered: Recovered[] = unreadable.map(({ lease, why }) => ({ lease, error: `it can't be read: ${why}` }))
    for (const group of [orphans.filter(isFirst), orphans.filter((one) => !isFirst(one))])
      for (const one of await Promise.all(group.map((stored) => this.#recoverOne(stored)))) if (one) recovered.push(one)
    return recovered
  }

  /** Undefined when another agent, or another call of this one, has reverted it meanwhile. */
  async #recoverOne({ lease, action }: StoredLease): Promise<Recovered | undefined> {
    try {
      const facts = await exclusively(lease, async () =>
        this.#store.has(lease) && !this.#held.has(lease) ? this.#revert(lease, action) : undefined,
      )
      return facts && { lease, facts }
    } catch (error) {
      // From here on this agent holds it, and retries until the revert succeeds.
      const held: Held = { action, timer: undefined, undoing: undefined }
      this.#held.set(lease, held)
      this.#arm(lease, held, retryMs)
      return { lease, error: errorMessage(error) }
    }
  }

  async #revert(lease: string, action: Action): Promise<Facts> {
    const facts = await this.#known(action).undo(action.params)
    this.#store.remove(lease)
    return facts
  }

  #known(action: Action): AnyAction {
    const known = this.#actions.get(action.do)
    if (!known) throw new Error(`this agent has no action "${action.do}"`)
    return known
  }

  async #me(): Promise<StoredLease['holder']> {
    this.#self ??= { pid: process.pid, startedAt: (await processOf(process.pid))?.startedAt ?? '' }
    return this.#self
  }
}
