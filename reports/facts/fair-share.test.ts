import { expect, test } from 'vitest'
import { fairShare } from './fair-share.ts'

// Critical values of the chi-square distribution from any printed table: statistic, degrees of freedom, probability.
test.each([
  [[60, 40], 0.0455], // 4.0 with 1
  [[120, 80], 0.004678], // 8.0 with 1
  [[30, 20, 10], 0.006738], // 10.0 with 2: e^-5
  [[25, 35, 20, 20], 0.1116], // 6.0 with 3
  [[50, 50, 50, 50, 50, 50], 1],
  [[80, 40, 45, 45, 45, 45], 0.000524], // 22.0 with 5
])('%j has p = %d', (counts, p) => {
  const found = fairShare(counts)
  expect(found).toBeDefined()
  expect(Math.abs((found?.p ?? 0) - p) / p).toBeLessThan(0.01)
})

test('the effect size does not depend on the sample size', () => {
  expect(fairShare([60, 40])?.effect).toBeCloseTo(0.2, 12)
  expect(fairShare([600, 400])?.effect).toBeCloseTo(0.2, 12)
})

test('too few counts give no probability', () => {
  expect(fairShare([])).toBeUndefined()
  expect(fairShare([300])).toBeUndefined()
  expect(fairShare([4, 5])).toBeUndefined()
})
