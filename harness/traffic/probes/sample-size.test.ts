import chisquareCdf from '@stdlib/stats-base-dists-chisquare-cdf'
import fc from 'fast-check'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { errorFunction } from 'simple-statistics'
import { expect, test } from 'vitest'
import { drawsFor, effectOf, noncentralCdf } from './sample-size.ts'

const usual = { backends: 10, samples: 12, alpha: 0.001, power: 0.99, share: 0.5 }

test('without noncentrality it equals the central distribution, and more noncentrality moves it up', () => {
  fc.assert(
    fc.property(fc.double({ min: 0.1, max: 60, noNaN: true }), fc.integer({ min: 1, max: 20 }), (x, freedom) => {
      expect(noncentralCdf(x, freedom, 0)).toBeCloseTo(chisquareCdf(x, freedom), 9)
      expect(noncentralCdf(x, freedom, 5)).toBeLessThanOrEqual(noncentralCdf(x, freedom, 2) + 1e-9)
    }),
  )
})

test('with one degree of freedom it equals a shifted and squared normal distribution', () => {
  const normal = (z: number): number => (1 + errorFunction(z / Math.SQRT2)) / 2
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 40, noNaN: true }),
      fc.double({ min: 0, max: 40, noNaN: true }),
      (x, moved) => {
        const [root, shift] = [Math.sqrt(x), Math.sqrt(moved)]
        expect(noncentralCdf(x, 1, moved)).toBeCloseTo(normal(root - shift) - normal(-root - shift), 5)
      },
    ),
  )
})

test('the effect of one backend is 0 at its full share, and matches a manual calculation at half of it', () => {
  expect(effectOf(7, 1)).toBeCloseTo(0, 12)
  // 10 backends: one at 0.05, nine at 0.95 / 9.
  expect(effectOf(10, 0.5)).toBeCloseTo((0.05 ** 2 + 9 * (0.95 / 9 - 0.1) ** 2) / 0.1, 12)
})

test('a smaller difference, more power, more samples and more backends need more draws', () => {
  const draws = drawsFor(usual)
  expect(drawsFor({ ...usual, share: 0.7 })).toBeGreaterThan(draws)
  expect(drawsFor({ ...usual, power: 0.999 })).toBeGreaterThan(draws)
  expect(drawsFor({ ...usual, samples: 40 })).toBeGreaterThan(draws)
  expect(drawsFor({ ...usual, backends: 20 })).toBeGreaterThan(draws)
  expect(drawsFor({ ...usual, backends: 1 })).toBe(0)
})

/** Independent of the formula: draws from the unfair distribution, with the chi-square test. Ten backends. */
function foundShare(draws: number, alpha: number): number {
  const random = xorshift128plus(7)
  const rounds = 2_000
  let found = 0
  for (let n = 0; n < rounds; n++) {
    const counts = Array.from({ length: 10 }, () => 0)
    // 180 equal parts: 9 for the backend at half its share, 19 for each other one.
    for (let k = 0; k < draws; k++) {
      const part = uniformInt(random, 0, 179)
      const backend = part < 9 ? 0 : 1 + ((part - 9) % 9)
      counts[backend] = (counts[backend] ?? 0) + 1
    }
    const due = draws / 10
    const statistic = counts.reduce((sum, count) => sum + (count - due) ** 2 / due, 0)
    if (1 - chisquareCdf(statistic, 9) < alpha) found++
  }
  return found / rounds
}

test('samples have the stated power, and much smaller samples lack it', () => {
  const draws = drawsFor({ ...usual, power: 0.8, alpha: 0.01, samples: 1 })
  // Minus three standard errors of this number of rounds.
  expect(foundShare(draws, 0.01)).toBeGreaterThan(0.8 - 0.03)
  expect(foundShare(Math.round(draws * 0.7), 0.01)).toBeLessThan(0.8)
})
