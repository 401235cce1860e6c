import {
  byKey,
  type Check,
  type Exhausted,
  formatOperation,
  type Operation,
  sightOf,
  isEvidence,
  type Violation,
} from '../history.ts'
import { checkRegister } from './register.ts'
import { search, type Search } from './search.ts'

/** Searches one object's operations within a budget of their own, so that no object uses the budget of another one. */
export type Searcher = (operations: readonly Operation[]) => Search

export interface Linearizability {
  readonly check: Check
  /** How many objects the revisions decided, and how many needed a search. */
  readonly objects: number
  readonly searched: number
}

/**
 * Checks whether every operation took effect at once, at some time between its call and its return. Objects are checked
 * separately, which is equivalent. A violation stands even if other objects could not be decided.
 */
export function linearizable(operations: readonly Operation[], searcher: Searcher = search): Linearizability {
  const violations: Violation[] = []
  const exhausted: Exhausted[] = []
  const keys = byKey(operations.filter(isEvidence))
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
    description: `No order of the operations on ${stuck.key} explains "${formatOperation(stuck)}"`,
    operations: [stuck.id],
    sights: [sightOf(stuck)],
  }
}
