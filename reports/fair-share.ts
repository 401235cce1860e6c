import { leastExpected, uniformity } from '../harness/judge/uniformity.ts'

/**
 * The probability of counts at least so uneven when each is equally likely, and how uneven they are (Cohen's w), by the judge's
 * own test so that page and verdict agree. Undefined where it can't be told: fewer than two counts, or too few expected in each.
 */
export function fairShare(counts: readonly number[]): { readonly p: number; readonly effect: number } | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (counts.length < 2 || total / counts.length < leastExpected) return undefined
  return uniformity(counts)
}
