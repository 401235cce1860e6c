import chisquareCdf from '@stdlib/stats-base-dists-chisquare-cdf'

/** What a sample must be able to detect. Shares are fractions of 1. */
export interface Wanted {
  /** How many backends are equally likely. */
  readonly backends: number
  /** How many samples are judged together. Each gets an equal part of alpha: the strictest step of Holm's adjustment. */
  readonly samples: number
  /** The largest share of families of fair samples that may be called unfair. */
  readonly alpha: number
  /** The share of unfair samples that must be called unfair. */
  readonly power: number
  /** The fraction of its fair share at which one backend must be detected. */
  readonly share: number
}

/**
 * How many draws Pearson's chi-square test needs to detect one backend at `share` of its fair share with `power`. The statistic
 * then follows the noncentral chi-square distribution; its noncentrality is draws times effect (Cohen's w squared).
 */
export function drawsFor({ backends, samples, alpha, power, share }: Wanted): number {
  if (backends < 2) return 0
  const freedom = backends - 1
  const critical = solve((x) => chisquareCdf(x, freedom), 1 - alpha / samples)
  const noncentrality = solve((lambda) => 1 - noncentralCdf(critical, freedom, lambda), power)
  return Math.ceil(noncentrality / effectOf(backends, share))
}

/** Cohen's w squared of one backend at `share` of its fair share; the others get the rest evenly. */
export function effectOf(backends: number, share: number): number {
  const even = 1 / backends
  const others = (1 - share * even) / (backends - 1)
  return ((share * even - even) ** 2 + (backends - 1) * (others - even) ** 2) / even
}

/** A Poisson-weighted mixture of central distributions, summed until the rest is below the precision. */
export function noncentralCdf(x: number, freedom: number, noncentrality: number): number {
  let weight = Math.exp(-noncentrality / 2)
  let weights = weight
  let sum = weight * chisquareCdf(x, freedom)
  for (let j = 1; 1 - weights > 1e-12 && j < 10_000; j++) {
    weight *= noncentrality / 2 / j
    weights += weight
    sum += weight * chisquareCdf(x, freedom + 2 * j)
  }
  return sum
}

/** Solves `rising(x) = value` for x >= 0 by bisection. */
function solve(rising: (x: number) => number, value: number): number {
  let [low, high] = [0, 1]
  while (rising(high) < value) high *= 2
  for (let n = 0; n < 60; n++) {
    const middle = (low + high) / 2
    if (rising(middle) < value) low = middle
    else high = middle
  }
  return high
}
