import { expect, test } from 'vitest'
import { durationMs } from './duration.ts'

test.each([
  ['15s', undefined, 15_000],
  ['1m30s', undefined, 90_000],
  ['1.5s', undefined, 1_500],
  ['100ms', undefined, 100],
  ['0', undefined, 0],
  ['1000', 'ms', 1_000],
  ['40', 's', 40_000],
] as const)('reads %s', (text, unit, ms) => {
  expect(durationMs(text, unit)).toBe(ms)
})

test.each(['', 'soon', '15', '15 s', '5x', '-3s'])('refuses "%s"', (text) => {
  expect(() => durationMs(text)).toThrow(expect.objectContaining({ code: 'HF_BAD_DURATION', exitCode: 64 }))
})
