/**
 * The probability of counts at least so uneven when each is equally likely (Pearson's chi-square over the given counts).
 * Undefined where it can't be told: fewer than two counts, or fewer than five expected in each. For looking only: contracts judge by their own test.
 */
export function fairShareP(counts: readonly number[]): number | undefined {
  const total = counts.reduce((sum, count) => sum + count, 0)
  const expected = total / counts.length
  if (counts.length < 2 || expected < 5) return undefined
  const statistic = counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
  return upperGamma((counts.length - 1) / 2, statistic / 2)
}

/**
 * The regularised upper incomplete gamma function for a = k/2, k a positive integer, by its recurrence
 * Q(a + 1, x) = Q(a, x) + x^a e^-x / Γ(a + 1), from Q(1, x) = e^-x or Q(1/2, x) = erfc(√x).
 */
function upperGamma(a: number, x: number): number {
  let order = a % 1 === 0 ? 1 : 0.5
  let value = order === 1 ? Math.exp(-x) : erfc(Math.sqrt(x))
  let term = order === 1 ? x * Math.exp(-x) : Math.sqrt(x / Math.PI) * 2 * Math.exp(-x)
  for (; order < a; order += 1) {
    value += term
    term *= x / (order + 1)
  }
  return Math.min(1, value)
}

/** Abramowitz and Stegun's continued fraction for large arguments, the series for small ones: good to about 1e-10. */
function erfc(x: number): number {
  if (x < 2.5) {
    let term = x
    let sum = x
    for (let n = 1; n < 80; n++) {
      term *= (-x * x) / n
      sum += term / (2 * n + 1)
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum
  }
  let fraction = 0
  for (let n = 60; n > 0; n--) fraction = n / 2 / (x + fraction)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + fraction)
}
