import chisquareCdf from '@stdlib/stats-base-dists-chisquare-cdf'

/** Below this many expected draws a cell the chi-square approximation is too inexact. */
export const leastExpected = 5

/**
 * Pearson's test of equal probabilities: how likely counts at least this uneven are if every cell is equally likely.
 * `effect` is their unevenness, independent of their number: Cohen's w, 0 for even ones; 0.1 is called small, 0.5
 * large.
 */
export function uniformity(counts: readonly number[]): {
  readonly statistic: number
  readonly p: number
  readonly effect: number
} {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const expected = total / counts.length
  if (counts.length < 2) return { statistic: 0, p: 1, effect: 0 }
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  const p = Math.max(0, 1 - chisquareCdf(statistic, counts.length - 1))
  return { statistic, p, effect: Math.sqrt(statistic / total) }
}

/**
 * Holm's adjustment of p-values in their own order: comparing each with alpha keeps the probability of any false alarm
 * in the whole family at alpha, for any dependence between the tests.
 */
export function holm(ps: readonly number[]): number[] {
  const order = ps.map((p, index) => ({ p, index })).sort((a, b) => a.p - b.p)
  const adjusted = ps.map(() => 1)
  let floor = 0
  for (const [rank, { p, index }] of order.entries()) {
    floor = Math.max(floor, Math.min(1, p * (ps.length - rank)))
    adjusted[index] = floor
  }
  return adjusted
}
