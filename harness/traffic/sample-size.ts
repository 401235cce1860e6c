import chisquareCdf from '@stdlib/stats-base-dists-chisquare-cdf'

/** What a sample has to be able to find. Shares are of 1. */
export interface Wanted {
  /** How many backends the draws fall on, if each is equally likely. */
  readonly backends: number
  /** How many samples are judged together: each gets its part of alpha, as Holm's adjustment at its strictest has it. */
  readonly samples: number
  /** How often at most a family of fair samples may be called unfair. */
  readonly alpha: number
  /** How often an unfair sample has to be called unfair. */
  readonly power: number
  /** The share of its due that the one backend gets which has to be found. */
  readonly share: number
}

/**
 * How many draws Pearson's chi-square test needs to find one backend at `share` of its due with `power`. Under that the
 * statistic follows the noncentral chi-square distribution, whose noncentrality is draws times effect (Cohen's w squared).
 */
export function drawsFor({ backends, samples, alpha, power, share }: Wanted): number {
  if (backends < 2) return 0
  const freedom = backends - 1
  const critical = solve((x) => chisquareCdf(x, freedom), 1 - alpha / samples)
  const noncentrality = solve((lambda) => 1 - noncentralCdf(critical, freedom, lambda), power)
  return Math.ceil(noncentrality / effectOf(backends, share))
}

/** Cohen's w squared of one backend at `share` of its due, the others sharing what it does not get. */
export function effectOf(backends: number, share: number): number {
  const even = 1 / backends
  const others = (1 - share * even) / (backends - 1)
  return ((share * even - even) ** 2 + (backends - 1) * (others - even) ** 2) / even
}

/** A mixture of central distributions, weighted as Poisson; summed until what is left could not be seen. */
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

/** Where a rising function from 0 up reaches `value`, by halving. */
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
