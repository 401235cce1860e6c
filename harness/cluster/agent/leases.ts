import { eventually } from '../../eventually.ts'
import { now } from '../../record/clock.ts'
import type { AgentAction } from './actions/action.ts'
import { exclusively } from './exclusive.ts'
import type { LeaseStore, StoredLease } from './lease-store.ts'
import type { Action, Facts, Recovered } from './protocol.ts'
import { processOf } from './supervisor.ts'

interface Held {
  readonly action: Action
  timer: NodeJS.Timeout | undefined
  undoing: Promise<Facts> | undefined
}

type AnyAction = AgentAction<string, Action['params']>

/** What could not be undone is tried again this long after, for as long as the agent lives. */
const retryMs = 500
/** How long after its time a lease that is still on the disk of a machine is anybody's to undo. */
const lateMs = 1_000

/**
 * The first dead man's switch: what was done here is undone here, when its time is up or nobody is listening any more. A
 * lease is on disk before anything is done under it, so that the next agent undoes what one that was killed has left.
 */
export class Leases {
  readonly #actions: ReadonlyMap<string, AnyAction>
  readonly #store: LeaseStore
  readonly #held = new Map<string, Held>()
  #self: StoredLease['holder'] | undefined
  #recovered: Promise<Recovered[]> | undefined

  constructor(actions: readonly { readonly name: string }[], store: LeaseStore) {
    // The list says which parameters belong to which name; by name alone that is not to be seen.
    this.#actions = new Map(actions.map((action) => [action.name, action as AnyAction]))
    this.#store = store
  }

  /** Undoes what agents before this one have left, once. What another living agent holds is left to it. */
  recover(): Promise<Recovered[]> {
    return (this.#recovered ??= this.#recover())
  }

  /** Answers when none of these leases is in force any more, whoever undoes them. @throws when they are still after `withinMs` */
  async settle(leases: readonly string[], withinMs: number): Promise<void> {
    await eventually(
      'leases to end',
      async () => {
        await this.#recover()
        const { leases: stored, unreadable } = this.#store.read()
        const left = [...stored, ...unreadable].filter(({ lease }) => leases.includes(lease))
        if (left.length > 0) throw new Error(`${left.map(({ lease }) => lease).join(', ')} still in force`)
        return true
      },
      { everyMs: 50, withinMs },
    )
  }

  async take(lease: string, ttlMs: number, action: Action): Promise<Facts> {
    if (this.#held.has(lease)) throw new Error(`lease ${lease} is held already`)
    if (!(ttlMs > 0)) throw new Error(`lease ${lease} has no time to live`)
    const known = this.#known(action)
    await this.recover()
    this.#store.write({ lease, action, until: now() + ttlMs, holder: await this.#me() })
    // Held before it acts: an action that fails half-way is undone as well.
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

  /** Answers with the evidence that it ended; a lease that was undone already says so. @throws when it could not be undone; it is tried again */
  async release(lease: string): Promise<Facts> {
    // What an agent before this one held is undone by then, or is ours.
    await this.recover()
    const held = this.#held.get(lease)
    if (!held) return { lease, already: true }
    clearTimeout(held.timer)
    return (held.undoing ??= this.#undo(lease, held))
  }

  async proof(lease: string): Promise<Facts> {
    const held = this.#held.get(lease)
    if (!held) throw new Error(`lease ${lease} is not in force`)
    const known = this.#known(held.action)
    if (!known.proof) throw new Error(`${known.name} has nothing to show while it is in force`)
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
        // Undone already, by an agent that found it on the disk long after its time.
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
      // A holder that lives and has not undone it so long after can't be waited for.
      if (!alive || now() > stored.until + lateMs) orphans.push(stored)
    }
    const isFirst = ({ action }: StoredLease): boolean => this.#actions.get(action.do)?.first ?? false
    const told: Recovered[] = unreadable.map(({ lease, why }) => ({ lease, error: `it can't be read: ${why}` }))
    for (const group of [orphans.filter(isFirst), orphans.filter((one) => !isFirst(one))])
      for (const one of await Promise.all(group.map((stored) => this.#recoverOne(stored)))) if (one) told.push(one)
    return told
  }

  /** Undefined when another agent, or another call of this one, has undone it meanwhile. */
  async #recoverOne({ lease, action }: StoredLease): Promise<Recovered | undefined> {
    try {
      const facts = await exclusively(lease, async () =>
        this.#store.has(lease) && !this.#held.has(lease) ? this.#revert(lease, action) : undefined,
      )
      return facts && { lease, facts }
    } catch (error) {
      // It is ours from here on: it is tried again until it works.
      const held: Held = { action, timer: undefined, undoing: undefined }
      this.#held.set(lease, held)
      this.#arm(lease, held, retryMs)
      return { lease, error: error instanceof Error ? error.message : String(error) }
    }
  }

  async #revert(lease: string, action: Action): Promise<Facts> {
    const facts = await this.#known(action).undo(action.params)
    this.#store.remove(lease)
    return facts
  }

  #known(action: Action): AnyAction {
    const known = this.#actions.get(action.do)
    if (!known) throw new Error(`this agent does not know how to ${action.do}`)
    return known
  }

  async #me(): Promise<StoredLease['holder']> {
    this.#self ??= { pid: process.pid, startedAt: (await processOf(process.pid))?.startedAt ?? '' }
    return this.#self
  }
}
