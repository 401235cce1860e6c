import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { exitCode, runExitCode } from './exit-code.ts'
import { severity } from './severity.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'
import { start } from '../testing/cluster-facts.ts'
import { edited } from '../testing/verdict.ts'
import type { Status } from './verdict.ts'

/* The table of docs/architecture.md, tested with every subset of the statuses. */

const subsets = fc.subarray([...severity])
const bad: readonly Status[] = ['fail', 'late']
const open: readonly Status[] = ['invalid', 'inconclusive']
const good: readonly Status[] = ['pass', 'known']

test('the exit code follows the table for any statuses, in any order and number', () => {
  fc.assert(
    fc.property(subsets, fc.boolean(), fc.boolean(), fc.nat(3), (statuses, incomplete, interrupted, more) => {
      const all = [...statuses, ...statuses.slice(0, more)].reverse()
      const has = (some: readonly Status[]): boolean => all.some((status) => some.includes(status))
      const expected = interrupted ? 130 : has(bad) ? 1 : has(open) || incomplete || !has(good) ? 2 : 0
      expect(exitCode({ statuses: all, incomplete, interrupted })).toBe(expected)
    }),
    { numRuns: 2_000 },
  )
})

test.each(severity.map((status) => [status] as const))('%s alone', (status) => {
  const expected = { fail: 1, late: 1, pass: 0, known: 0 } as Partial<Record<Status, number>>
  expect(exitCode({ statuses: [status], incomplete: false, interrupted: false })).toBe(expected[status] ?? 2)
})

describe('of a recorded run', () => {
  const whole = new JournalBuilder('made-up').journal(900)
  const ended = (outcome: 'completed' | 'harness-error' | 'script-error' | 'timed-out' | 'refused' | 'interrupted') =>
    edited(whole, 'scenario', (record) => (record.edge === 'end' ? { ...record, outcome } : record))
  const rig = (interrupted: boolean): JournalRecord => ({ kind: 'rig', at: start, message: 'gone', interrupted })
  const code = (records: readonly JournalRecord[], ...statuses: Status[]): number =>
    runExitCode(
      records,
      statuses.map((status) => ({ status })),
    )

  test('the verdicts decide the exit code of a complete run', () => {
    expect(code(whole, 'pass')).toBe(0)
    expect(code(whole, 'pass', 'not-exercised')).toBe(0)
    expect(code(whole, 'not-exercised')).toBe(2)
  })

  test.each(['harness-error', 'script-error', 'timed-out', 'refused'] as const)('a scenario ended as %s', (outcome) => {
    expect(code(ended(outcome), 'pass')).toBe(2)
    expect(code(ended(outcome), 'pass', 'fail')).toBe(1)
  })

  test('a harness error, an incomplete journal and a scenario that never began are 2, and a failed contract is 1', () => {
    const planned = edited(whole, 'run', (run) => ({ ...run, scenarios: ['made-up', 'never-begun'] }))
    for (const short of [[...whole, rig(false)], whole.slice(0, -1), planned]) {
      expect(code(short, 'pass')).toBe(2)
      expect(code(short, 'pass', 'late')).toBe(1)
    }
  })

  test('an interrupted run is 130, during a scenario and before the first', () => {
    expect(code(ended('interrupted'), 'fail')).toBe(130)
    expect(code([...whole, rig(true)], 'fail')).toBe(130)
  })
})
