import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordOf } from '../../record/records.ts'
import { probeGaps } from './probe-gaps.ts'

const everyMs = 100

function series(outcomes: readonly boolean[], timeoutMs = 40): RecordOf<'attempt'>[] {
  return outcomes.map((ok, n) => ({
    kind: 'attempt',
    at: n * everyMs,
    endedAt: n * everyMs + (ok ? 2 : timeoutMs),
    from: 'worker1',
    to: '10.96.0.9:80',
    service: 'n/web',
    protocol: 'tcp',
    ok,
  }))
}

test('a gap lasts from halfway before the first failure to halfway before the next answer', () => {
  const { gaps, ...all } = probeGaps(series([true, false, false, true, false, true]))
  expect(gaps).toEqual([
    { from: 50, until: 250, failed: 2, atLeastMs: 100, atMostMs: 300 },
    { from: 350, until: 450, failed: 1, atLeastMs: 0, atMostMs: 200 },
  ])
  const longest = { longestMs: 200, longestAtLeastMs: 100, longestAtMostMs: 300 }
  expect(all).toEqual({ attempts: 6, failed: 3, totalMs: 300, ...longest })
})

test('an open gap ends at the timeout of its last attempt, and its largest length is unknown', () => {
  const open = { atLeastMs: 100, atMostMs: Infinity }
  expect(probeGaps(series([true, false, false])).gaps).toEqual([{ from: 50, until: 240, failed: 2, ...open }])
  expect(probeGaps(series([false, false, true])).gaps).toEqual([{ from: 0, until: 150, failed: 2, ...open }])
})

test('an outage is measured within its bounds and to the mean of the steps at its edges, however late a prober begins', () => {
  const late = fc.array(fc.double({ min: 0, max: 99, noNaN: true }), { minLength: 60, maxLength: 60 })
  const time = (min: number, max: number) => fc.double({ min, max, noNaN: true })
  fc.assert(
    fc.property(late, time(500, 2_000), time(200, 3_000), (delays, from, lasts) => {
      const attempts = delays.map((delay, n) => {
        const sentAt = n * everyMs + delay
        const ok = sentAt < from || sentAt >= from + lasts
        return { ...series([ok])[0], at: n * everyMs, sentAt, endedAt: sentAt + 2, ok } as RecordOf<'attempt'>
      })
      const { gaps, totalMs } = probeGaps(attempts)
      expect(gaps).toHaveLength(1)
      const [gap] = gaps as [(typeof gaps)[number]]
      const [first, after] = [from, from + lasts].map((edge) => attempts.findIndex(({ sentAt = 0 }) => sentAt >= edge))
      const step = (n = NaN): number => (attempts[n]?.sentAt ?? NaN) - (attempts[n - 1]?.sentAt ?? NaN)
      const [toBegin, toEnd] = [step(first), step(after)]
      const off = (value: number, most: number): void => expect(Math.abs(value)).toBeLessThanOrEqual(most + 1e-6)
      off(gap.from - from, toBegin / 2)
      off(gap.until - from - lasts, toEnd / 2)
      off(totalMs - lasts, (toBegin + toEnd) / 2)
      // A step is an interval plus the delay of its second attempt beyond that of its first.
      off(totalMs - lasts, everyMs + Math.max(...delays))
      expect(gap.atLeastMs).toBeLessThanOrEqual(lasts + 1e-6)
      expect(gap.atMostMs).toBeGreaterThanOrEqual(lasts - 1e-6)
      // Halfway between the bounds: no other value is closer to both.
      expect(totalMs).toBeCloseTo((gap.atLeastMs + gap.atMostMs) / 2, 6)
    }),
  )
})

test('there are gaps exactly if an attempt failed, and they hold every failure', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 60 }), (outcomes) => {
      const result = probeGaps(series(outcomes))
      const failures = outcomes.filter((ok) => !ok).length
      expect(result.gaps.reduce((sum, gap) => sum + gap.failed, 0)).toBe(failures)
      expect(result.totalMs > 0).toBe(failures > 0)
      expect(result.longestMs).toBeLessThanOrEqual(result.totalMs)
      expect(result.totalMs).toBeGreaterThanOrEqual(failures > 0 ? 40 : 0)
      expect(result.totalMs).toBeLessThanOrEqual(outcomes.length * everyMs)
    }),
  )
})

test('gaps do not touch, in any order of the attempts', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (outcomes) => {
      const { gaps } = probeGaps(series(outcomes))
      expect(probeGaps(series(outcomes).reverse()).gaps).toEqual(gaps)
      for (const [n, gap] of gaps.entries()) expect(gap.from).toBeGreaterThan(gaps[n - 1]?.until ?? -1)
    }),
  )
})
