import { leastExpected, uniformity } from '../../harness/judge/statistics/uniformity.ts'

/**
 * Returns the probability of counts at least this uneven if all are equally likely, and the effect size (Cohen's w). Uses the
 * judge's test, so that page and verdict agree. Undefined for fewer than two counts, or too low expected counts.
 */
export function fairShare(counts: readonly number[]): { readonly p: number; readonly effect: number } | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (counts.length < 2 || total / counts.length < leastExpected) return undefined
  return uniformity(counts)
}
