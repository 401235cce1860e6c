import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordOf } from '../record/records.ts'
import { probeGaps } from './probe-gaps.ts'

const everyMs = 100

function series(outcomes: readonly boolean[], patienceMs = 40): RecordOf<'attempt'>[] {
  return outcomes.map((ok, n) => ({
    kind: 'attempt',
    at: n * everyMs,
    endedAt: n * everyMs + (ok ? 2 : patienceMs),
    from: 'worker1',
    to: '10.96.0.9:80',
    service: 'n/web',
    protocol: 'tcp',
    ok,
  }))
}

test('a gap lasts from the first failure to the next answer', () => {
  const { gaps, longestMs, totalMs, failed } = probeGaps(series([true, false, false, true, false, true]))
  expect(gaps.map(({ from, until }) => [from, until])).toEqual([
    [100, 300],
    [400, 500],
  ])
  expect({ longestMs, totalMs, failed }).toEqual({ longestMs: 200, totalMs: 300, failed: 3 })
})

test('an open gap ends when its last attempt was given up', () => {
  expect(probeGaps(series([true, false, false])).gaps).toEqual([{ from: 100, until: 240, failed: 2 }])
})

test('a prober that begins late moves no edge of an outage by more than its interval', () => {
  const late = fc.array(fc.integer({ min: 0, max: 99 }), { minLength: 60, maxLength: 60 })
  fc.assert(
    fc.property(
      late,
      fc.integer({ min: 500, max: 2_000 }),
      fc.integer({ min: 200, max: 3_000 }),
      (delays, from, lasts) => {
        const attempts = delays.map((delay, n) => {
          const sentAt = n * everyMs + delay
          const ok = sentAt < from || sentAt >= from + lasts
          return { ...series([ok])[0], at: n * everyMs, sentAt, endedAt: sentAt + 2, ok } as RecordOf<'attempt'>
        })
        const { gaps, totalMs } = probeGaps(attempts)
        // Between two beginnings there is at most an interval, and what the one is later by than the other.
        const longestStep = Math.max(...delays.map((delay, n) => everyMs + (delays[n + 1] ?? delay) - delay))
        expect(gaps).toHaveLength(1)
        expect(Math.abs(totalMs - lasts)).toBeLessThanOrEqual(longestStep)
        expect(gaps[0]?.from).toBeGreaterThanOrEqual(from)
      },
    ),
  )
})

test('there are gaps exactly if something failed, and they hold every failure', () => {
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

test('gaps do not touch, whatever order the attempts came in', () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 60 }), (outcomes) => {
      const { gaps } = probeGaps(series(outcomes))
      expect(probeGaps(series(outcomes).reverse()).gaps).toEqual(gaps)
      for (const [n, gap] of gaps.entries()) expect(gap.from).toBeGreaterThan(gaps[n - 1]?.until ?? -1)
    }),
  )
})
