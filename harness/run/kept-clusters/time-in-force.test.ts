import { describe, expect, test } from 'vitest'
import { longestTimerMs } from '../../common/duration.ts'
import { marginMs, refuseLongOptions, timeInForce } from './time-in-force.ts'

describe('--for', () => {
  test.each([
    ['250ms', 250],
    ['1m30s', 90_000],
    ['596h', 2_145_600_000],
  ])('%s', (text, ms) => {
    expect(timeInForce(text)).toBe(ms)
    expect(ms + marginMs).toBeLessThanOrEqual(longestTimerMs)
  })
  test.each(['0s', '0', '1', 'abc', '', '-3s', '597h', '600h', '99999999h'])('refuses "%s"', (text) => {
    expect(() => timeInForce(text)).toThrow(expect.objectContaining({ code: 'HF_BAD_TTL', exitCode: 64 }))
  })
})

describe('options with durations', () => {
  test.each(['everyMs=1000', 'timeoutSeconds=120', 'megabytes=9999999999', 'selector=aMs=1', 'everyMs=soon'])(
    'accepts %s',
    (word) => expect(refuseLongOptions([word])).toBeUndefined(),
  )
  test.each(['everyMs=1e12', 'frozenMs=2147483648', 'timeoutSeconds=2200000'])('refuses %s', (word) => {
    expect(() => refuseLongOptions(['x=1', word])).toThrow(
      expect.objectContaining({ code: 'HF_BAD_OPTION', exitCode: 64 }),
    )
  })
})
