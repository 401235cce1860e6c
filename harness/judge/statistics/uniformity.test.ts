import fc from 'fast-check'
import { expect, test } from 'vitest'
import { holm, uniformity } from './uniformity.ts'

test('agrees with the table of the distribution', () => {
  // The 99.9 % points for 1 and 5 degrees of freedom are 10.828 and 20.515.
  expect(uniformity([500 + 52.03, 500 - 52.03]).p).toBeCloseTo(0.001, 4)
  expect(uniformity([100, 100, 100, 100, 100, 100])).toEqual({ statistic: 0, p: 1, effect: 0 })
})

test('a single backend can not be compared', () => {
  expect(uniformity([17]).p).toBe(1)
})

test('Holm never lowers a p-value, keeps their order and stays below Bonferroni', () => {
  const p = fc.double({ min: 0, max: 1, noNaN: true })
  fc.assert(
    fc.property(fc.array(p, { minLength: 1, maxLength: 20 }), (ps) => {
      const adjusted = holm(ps)
      for (const [n, before] of ps.entries()) {
        const after = adjusted[n] ?? Number.NaN
        expect(after).toBeGreaterThanOrEqual(before)
        expect(after).toBeLessThanOrEqual(Math.min(1, before * ps.length))
        for (const [m, other] of ps.entries())
          if (before < other) expect(after).toBeLessThanOrEqual(adjusted[m] ?? Number.NaN)
      }
    }),
  )
})

test('Holm on a worked family', () => {
  expect(holm([0.01, 0.04, 0.03]).map((p) => Number(p.toFixed(3)))).toEqual([0.03, 0.06, 0.06])
})
