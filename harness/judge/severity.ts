import type { Status } from './verdict.ts'

/**
 * From harmless to grave. A broken promise outweighs an inconclusive one, as in Jepsen: what was observed to break stays
 * broken whatever else is missing.
 */
export const severity: readonly Status[] = [
  'not-exercised',
  'not-applicable',
  'pass',
  'known',
  'inconclusive',
  'invalid',
  'late',
  'fail',
]

/** The gravest of some statuses; of none `inconclusive`, because nothing was shown. */
export function worstOf(statuses: Iterable<Status>): Status {
  let worst: Status | undefined
  for (const status of statuses) {
    if (worst === undefined || severity.indexOf(status) > severity.indexOf(worst)) worst = status
  }
  return worst ?? 'inconclusive'
}
