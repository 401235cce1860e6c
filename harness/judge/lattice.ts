import type { Status, Verdict } from './verdict.ts'

/**
 * From harmless to grave. A broken promise outweighs an undecided one, as in Jepsen's lattice: what was seen
 * to break stays broken whatever else could not be seen.
 */
export const severity: readonly Status[] = [
  'not-applicable',
  'pass',
  'known',
  'inconclusive',
  'invalid',
  'late',
  'fail',
]

/** The gravest of some statuses; nothing at all is `inconclusive`, because nothing was shown. */
export function worstOf(statuses: Iterable<Status>): Status {
  let worst: Status | undefined
  for (const status of statuses) {
    if (worst === undefined || severity.indexOf(status) > severity.indexOf(worst)) worst = status
  }
  return worst ?? 'inconclusive'
}

/**
 * 0: every promise was kept, or broken as listed. 1: one was broken or kept too late. 2: something is undecided or
 * invalid, or nothing was judged at all (a run in which nothing applied has shown nothing).
 */
export function exitCode(verdicts: Iterable<Pick<Verdict, 'status'>>): 0 | 1 | 2 {
  const worst = worstOf(Array.from(verdicts, ({ status }) => status))
  if (worst === 'fail' || worst === 'late') return 1
  return worst === 'pass' || worst === 'known' ? 0 : 2
}
