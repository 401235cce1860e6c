import type { Operation } from '../history.ts'
import { type Configuration, type Reached, SearchSpace } from './search-space.ts'

/** `explored` is the number of explored configurations: it depends only on the operations and the budget. */
export type Search =
  | { readonly result: 'holds'; readonly explored: number }
  | { readonly result: 'violated'; readonly explored: number; readonly stuck: Operation }
  | { readonly result: 'undecided'; readonly explored: number; readonly budget: number }

/**
 * Configurations for one object. Of 1,000 histories in the shape of a recording, none needs more than 188, and of 200
 * with 400 operations on one object, 10 % of them unknown, none more than 6,240. Exploring all of it takes seconds and
 * some 150 MB.
 */
export const defaultBudget = 1_000_000

/**
 * Searches for an order in which one object's operations could have happened one by one (Wing and Gong, with Lowe's two
 * improvements), depth first. `undecided` after `budget` explored configurations, which bounds time and memory.
 */
export function search(operations: readonly Operation[], budget: number = defaultBudget): Search {
  const space = new SearchSpace(operations)
  const tried = new Tried()
  const pending: Iterator<Configuration, undefined>[] = [[space.start].values()]
  let explored = 0
  for (let top; (top = pending.at(-1));) {
    const { value: next } = top.next()
    if (!next) {
      pending.pop()
      continue
    }
    if (explored === budget) return { result: 'undecided', explored, budget }
    explored++
    const reached = space.advance(next)
    if (!reached) return { result: 'holds', explored }
    if (tried.add(reached)) pending.push(space.successors(reached))
  }
  return { result: 'violated', explored, stuck: space.stuck }
}

/** Explored configurations. Of those that differ only in their risked operations, the ones with the fewest are kept. */
class Tried {
  readonly #known = new Map<string, readonly Uint32Array[]>()

  /**
   * False for a configuration that risks every operation of a known one: an unknown operation never has to happen, so
   * it fails too.
   */
  add({ at, state, done, risked }: Reached): boolean {
    const name = `${at} ${state.revision} ${state.value} ${state.floor} ${done.join()}`
    const known = this.#known.get(name)
    if (known?.some((less) => within(less, risked))) return false
    this.#known.set(name, known ? [...known.filter((more) => !within(risked, more)), risked] : [risked])
    return true
  }
}

function within(less: Uint32Array, more: Uint32Array): boolean {
  for (let n = 0; n < less.length; n++) if (((less[n] ?? 0) & ~(more[n] ?? 0)) !== 0) return false
  return true
}
