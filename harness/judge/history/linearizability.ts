import {
  byKey,
  type Check,
  type Exhausted,
  inWords,
  type Operation,
  sightOf,
  tells,
  type Violation,
} from './history.ts'
import { checkRegister } from './register.ts'
import { search, type Search } from './search.ts'

/** Searches one object's operations within a budget of their own, so that no object takes what another one needs. */
export type Searcher = (operations: readonly Operation[]) => Search

export interface Linearizability {
  readonly check: Check
  /** How many objects the revisions decided, and how many took a search. */
  readonly objects: number
  readonly searched: number
}

/**
 * Whether everything happened as if at once, at some time between its call and its return, object by object: that is whether
 * all of it did. What was seen to break stays broken whatever else could not be decided.
 */
export function linearizable(operations: readonly Operation[], searcher: Searcher = search): Linearizability {
  const violations: Violation[] = []
  const exhausted: Exhausted[] = []
  const keys = byKey(operations.filter(tells))
  let searched = 0
  for (const [key, own] of keys) {
    const quick = checkRegister(own)
    if (quick.result === 'violated') violations.push(...quick.violations)
    if (quick.result !== 'unsure') continue
    searched++
    const found = searcher(own)
    if (found.result === 'undecided') exhausted.push({ key, explored: found.explored, budget: found.budget })
    if (found.result === 'violated') violations.push(noOrder(found.stuck))
  }
  const check: Check =
    violations.length > 0
      ? { result: 'violated', violations }
      : exhausted.length > 0
        ? { result: 'undecided', exhausted }
        : { result: 'holds' }
  return { check, objects: keys.size, searched }
}

function noOrder(stuck: Operation): Violation {
  return {
    rule: 'some order explains it',
    words: `No order of what was done to ${stuck.key} explains "${inWords(stuck)}"`,
    operations: [stuck.id],
    sights: [sightOf(stuck)],
  }
}
