import { expect, test } from 'vitest'
import { boundText, counted, duration, marginText } from './figures.ts'
import { noBound, syntheticVerdict } from '../testing/synthetic-verdicts.ts'

test.each([
  [0, '0 ms'],
  [0.4, '0.4 ms'],
  [812, '812 ms'],
  [999.7, '1 s'],
  [14_240, '14.2 s'],
  [60_000, '60 s'],
  [99_960, '1 min 40 s'],
  [125_000, '2 min 05 s'],
  [3_599_900, '1 h 00 min'],
  [3_780_000, '1 h 03 min'],
  [-1500, '-1.5 s'],
])('%d ms reads %s', (ms, text) => expect(duration(ms)).toBe(text))

test('a bound shows its direction where that is known', () => {
  expect(boundText(syntheticVerdict())).toBe('≤ 25 s')
  expect(boundText(syntheticVerdict({ bound: { limit: 0.001, unit: 'p-value', source: '' } }))).toBe('p ≥ 0.001')
  const budget = { limit: 5, unit: 'count', source: '' } as const
  expect(boundText(syntheticVerdict({ bound: budget, measured: 6, margin: 0.2 }))).toBe('≥ 5')
  expect(boundText(syntheticVerdict({ bound: budget, measured: 4, margin: -0.2 }))).toBe('≥ 5')
  expect(boundText(syntheticVerdict({ bound: budget, measured: 7, margin: -0.4 }))).toBe('≤ 5')
  expect(boundText(syntheticVerdict({ bound: budget, measured: 5, margin: 0 }))).toBe('5')
  expect(boundText(noBound())).toBe('')
})

test('rounding a margin never hides a breach', () => {
  expect([0.344, 0.999, 1, 12, 0.001, 0, -0.001, -0.248, undefined, Infinity].map(marginText)).toEqual([
    '34 %',
    '99 %',
    '100 %',
    '100 %',
    '1 %',
    '0 %',
    '-1 %',
    '-25 %',
    '',
    '',
  ])
})

test('counts agree with their nouns', () => {
  expect([counted(1, 'fault'), counted(0, 'fault'), counted(12_000, 'try', 'tries')]).toEqual([
    '1 fault',
    '0 faults',
    '12,000 tries',
  ])
})
