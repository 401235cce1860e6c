import type { Status } from './verdict.ts'

/**
 * From harmless to grave. A failure outweighs an inconclusive result, as in Jepsen: an observed failure stands,
 * whatever else is missing.
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

/** The gravest of some statuses; `inconclusive` for an empty list, because nothing was shown. */
export function worstOf(statuses: Iterable<Status>): Status {
  let worst: Status | undefined
  for (const status of statuses) {
    if (worst === undefined || severity.indexOf(status) > severity.indexOf(worst)) worst = status
  }
  return worst ?? 'inconclusive'
}
