import fc from 'fast-check'
import { expect, test } from 'vitest'
import { latencyOf, mergedLatency } from './latency.ts'

const durations = fc.array(fc.double({ min: 0.001, max: 5_000, noNaN: true }), { minLength: 1, maxLength: 200 })

test('percentiles are those of the values, to three digits', () => {
  fc.assert(
    fc.property(durations, (all) => {
      const found = latencyOf(all)
      const sorted = all.toSorted((a, b) => a - b)
      const near = (value: number | undefined, wanted: number): void => {
        expect(Math.abs((value ?? NaN) - wanted)).toBeLessThanOrEqual(wanted / 1_000 + 0.001)
      }
      expect(found?.answers).toBe(all.length)
      near(found?.p50, sorted[Math.ceil(all.length * 0.5) - 1] ?? NaN)
      near(found?.p99, sorted[Math.ceil(all.length * 0.99) - 1] ?? NaN)
      near(found?.max, sorted.at(-1) ?? NaN)
    }),
  )
})

test('merged shards equal one measurement of all values', () => {
  fc.assert(
    fc.property(fc.array(durations, { minLength: 1, maxLength: 5 }), (shards) => {
      const parts = shards.flatMap((shard) => latencyOf(shard) ?? [])
      expect(mergedLatency(parts)).toEqual(latencyOf(shards.flat()))
    }),
  )
})

test('without answers the latency is undefined', () => {
  expect(latencyOf([])).toBeUndefined()
  expect(mergedLatency([])).toBeUndefined()
})
