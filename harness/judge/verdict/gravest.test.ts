import { expect, test } from 'vitest'
import type { Finding } from '../contract.ts'
import { firstBreach, gravest } from './gravest.ts'
import { InconclusiveError } from './inconclusive.ts'
import type { Status } from './verdict.ts'

type Occurrence = Status | 'missing'

const finding = (status: Status, measured = 0): Finding => ({
  status,
  code: status.toUpperCase(),
  values: {},
  observed: '',
  reason: '',
  measured,
  bound: { limit: 10, unit: 'ms', source: '' },
})

const judged = (one: Occurrence, n: number): Finding => {
  if (one === 'missing') throw new InconclusiveError('Nothing was recorded.')
  return finding(one, n)
}

const cases: readonly [readonly [Occurrence, ...Occurrence[]], Status][] = [
  [['pass', 'fail', 'late'], 'fail'],
  [['pass', 'missing', 'fail'], 'fail'],
  [['pass', 'missing', 'late'], 'late'],
  [['pass', 'known'], 'known'],
]

test.each(cases)('of %j the gravest is %s', (all, expected) => {
  expect(gravest(all, (one) => judged(one, 1)).status).toBe(expected)
})

test('a pass does not hide an occurrence that can not be judged', () => {
  expect(() => gravest<Occurrence>(['pass', 'missing'], (one) => judged(one, 1))).toThrow(InconclusiveError)
})

test('among equals the one with the smallest margin counts', () => {
  expect(gravest([3, 8, 5], (ms) => finding('pass', ms)).measured).toBe(8)
})

test.each([
  [['missing', 'fail'], 'fail'],
  [['late', 'missing', 'fail'], 'fail'],
  [['missing', 'late'], 'late'],
] as const)('of the checks %j the breach is %s', (all, expected) => {
  expect(firstBreach(...all.map((one) => () => judged(one, 1)))?.status).toBe(expected)
})

test('checks without a breach find nothing, unless one of them can not be made', () => {
  expect(firstBreach(() => undefined)).toBeUndefined()
  expect(() =>
    firstBreach(
      () => undefined,
      () => judged('missing', 1),
    ),
  ).toThrow(InconclusiveError)
})
