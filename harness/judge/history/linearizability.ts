import { byKey, type Check, inWords, type Operation, sightOf, tells, type Violation } from './history.ts'
import { checkRegister } from './register.ts'
import type { Search } from './search.ts'

/** Carries out a search for one object, within some budget: see `search` and `searchWithin`. */
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
export function linearizable(operations: readonly Operation[], search: Searcher): Linearizability {
  const violations: Violation[] = []
  const undecided: string[] = []
  const keys = byKey(operations.filter(tells))
  let searched = 0
  for (const [key, own] of keys) {
    const quick = checkRegister(own)
    if (quick.result === 'violated') violations.push(...quick.violations)
    if (quick.result !== 'unsure') continue
    searched++
    const found = search(own)
    if (found.result === 'undecided') undecided.push(`${key}: ${found.reason}`)
    if (found.result === 'violated') violations.push(noOrder(found.stuck))
  }
  const check: Check =
    violations.length > 0
      ? { result: 'violated', violations }
      : undecided.length > 0
        ? { result: 'undecided', reason: undecided.join('; ') }
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
