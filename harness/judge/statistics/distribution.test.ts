import fc from 'fast-check'
import { median, quantileSorted } from 'simple-statistics'
import { expect, test } from 'vitest'
import { distribution, quantile } from './distribution.ts'

const values = fc.array(fc.integer({ min: 0, max: 100_000 }), { minLength: 1, maxLength: 40 })

test('the figures are in order, within the values, and the same in any order', () => {
  fc.assert(
    fc.property(values, (all) => {
      const found = distribution(all)
      expect(found.n).toBe(all.length)
      expect(found.min).toBe(Math.min(...all))
      expect(found.max).toBe(Math.max(...all))
      expect(found.median).toBe(median(all))
      expect(found.min <= found.median && found.median <= found.p95 && found.p95 <= found.max).toBe(true)
      const [low = found.min, high = found.max] = found.medianInterval ?? []
      expect(found.min <= low && low <= high && high <= found.max).toBe(true)
      expect(distribution(all.toReversed())).toEqual(found)
    }),
    { numRuns: 30 },
  )
})

test('one value has no interval, equal ones a closed one, and a longer series of the same spread a narrower one', () => {
  expect(distribution([5]).medianInterval).toBeUndefined()
  expect(distribution([5, 5, 5]).medianInterval).toEqual([5, 5])
  const width = (n: number): number => {
    const [low = NaN, high = NaN] =
      distribution(Array.from({ length: n }, (_, k) => (k * 37) % 101)).medianInterval ?? []
    return high - low
  }
  expect(width(101)).toBeLessThan(width(10))
  expect(() => distribution([])).toThrow(RangeError)
})

test('quantiles lie between their neighbours', () => {
  expect(quantile([1, 2], 0.5)).toBe(1.5)
  fc.assert(
    fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (all, share) => {
      const sorted = all.toSorted((a, b) => a - b)
      const place = (sorted.length - 1) * share
      const [low = NaN, high = NaN] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
      expect(quantile(sorted, share)).toBeGreaterThanOrEqual(low)
      expect(quantile(sorted, share)).toBeLessThanOrEqual(high)
      expect(quantile(sorted, 0.5)).toBe(quantileSorted(sorted, 0.5))
    }),
  )
})
