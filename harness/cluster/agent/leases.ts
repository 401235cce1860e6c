import { drop, undrop } from './packets.ts'
import type { Action, Facts } from './protocol.ts'
import { end, freeze, start } from './supervisor.ts'

interface Held {
  readonly undo: Action
  readonly timer: NodeJS.Timeout
}

/** The first dead man's switch: what was done here is undone here, when its time is up or nobody is listening any more. */
export class Leases {
  readonly #held = new Map<string, Held>()

  async take(lease: string, ttlMs: number, action: Action, undo: Action): Promise<Facts> {
    if (this.#held.has(lease)) throw new Error(`lease ${lease} is held already`)
    // Held before it acts: an action that fails half-way is undone as well.
    const timer = setTimeout(() => void this.release(lease).catch(() => undefined), ttlMs)
    this.#held.set(lease, { undo, timer })
    try {
      return await apply(action)
    } catch (error) {
      await this.release(lease).catch(() => undefined)
      throw error
    }
  }

  /** Answers with the evidence that it ended; a lease that was undone already says so. */
  async release(lease: string): Promise<Facts> {
    const held = this.#held.get(lease)
    if (!held) return { lease, already: true }
    clearTimeout(held.timer)
    this.#held.delete(lease)
    return apply(held.undo)
  }

  async releaseAll(): Promise<void> {
    await Promise.allSettled([...this.#held.keys()].map((lease) => this.release(lease)))
  }
}

export function apply(action: Action): Promise<Facts> {
  switch (action.do) {
    case 'signal':
      return end(action.component, action.signal, action.stay)
    case 'start':
      return start(action.component)
    case 'pause':
      return freeze(action.component, true)
    case 'resume':
      return freeze(action.component, false)
    case 'drop':
      return drop(action.table, action.cut)
    case 'undrop':
      return undrop(action.table)
  }
}
