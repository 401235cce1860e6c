import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'

/** A figure that was measured several times, in the unit of its values. */
export interface Distribution {
  readonly n: number
  readonly median: number
  readonly p95: number
  readonly min: number
  readonly max: number
  /** The 95 % confidence interval of the median, by bootstrap; absent for fewer than two values. */
  readonly medianInterval?: readonly [low: number, high: number]
}

const resamples = 2_000
const confidence = 0.95
/** A constant seed: repeated judging has to give the same result. */
const seed = 1

/**
 * Linear between the two nearest values, as in most statistics tools. `share` is from 0 to 1, `sorted` ascending and
 * not empty.
 */
export function quantile(sorted: readonly number[], share: number): number {
  const place = (sorted.length - 1) * share
  const [low = NaN, high = low] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return low + (high - low) * (place - Math.floor(place))
}

/** @throws RangeError for an empty list */
export function distribution(values: readonly number[]): Distribution {
  if (values.length === 0) throw new RangeError('a distribution needs at least one value')
  const sorted = values.toSorted((a, b) => a - b)
  const found = {
    n: sorted.length,
    median: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    min: quantile(sorted, 0),
    max: quantile(sorted, 1),
  }
  return sorted.length < 2 ? found : { ...found, medianInterval: bootstrapped(sorted) }
}

/** The percentile bootstrap: medians of samples drawn from the sample itself. */
function bootstrapped(sorted: readonly number[]): [low: number, high: number] {
  const random = xorshift128plus(seed)
  const medians = Array.from({ length: resamples }, () => {
    const drawn = sorted.map(() => sorted[uniformInt(random, 0, sorted.length - 1)] ?? NaN)
    return quantile(
      drawn.sort((a, b) => a - b),
      0.5,
    )
  }).sort((a, b) => a - b)
  return [quantile(medians, (1 - confidence) / 2), quantile(medians, (1 + confidence) / 2)]
}
