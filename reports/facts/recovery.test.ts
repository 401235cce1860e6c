import { expect, test } from 'vitest'
import { killScheduler } from '../../harness/judge/testing/sample-journals.ts'
import { recoveryRows, unseenSteps } from './recovery.ts'
import { runFacts } from './run-facts.ts'

const once = killScheduler()

test('a repeated scenario gives one row for each step, over all runs', () => {
  const rows = recoveryRows(runFacts(once))
  expect(rows.map(({ n }) => n)).toEqual(rows.map(() => 1))
  const later = once.filter(({ kind }) => kind !== 'run').map((record) => ({ ...record, at: record.at + 1_000_000 }))
  const twice = recoveryRows(runFacts([...once, ...later]))
  expect(twice.map(({ scenario, fault, phase }) => `${scenario} ${fault} ${phase}`)).toEqual(
    rows.map(({ scenario, fault, phase }) => `${scenario} ${fault} ${phase}`),
  )
  const elected = twice.find(({ phase }) => phase === 'elected')
  expect(elected).toMatchObject({ fault: '1. kill kube-scheduler', n: 2 })
  expect(elected?.median).toBeCloseTo(rows.find(({ phase }) => phase === 'elected')?.median ?? NaN, 3)
})

test('an unreadable object gives no row and does not break the report', () => {
  const spoilt = once.map((record) =>
    record.kind === 'watch' && record.resource === 'nodes' ? { ...record, object: { status: 'none' } } : record,
  )
  expect(recoveryRows(runFacts(spoilt))).toEqual([])
})

test('a step that no run observed is listed with its reason', () => {
  const seen = recoveryRows(runFacts(once)).map(({ fault, phase }) => `${fault} ${phase}`)
  const not = unseenSteps(runFacts(once))
  expect(not).toContainEqual({
    scenario: 'kill-scheduler',
    fault: '1. kill kube-scheduler',
    phase: 'detected',
    reason: expect.stringMatching(/./),
  })
  expect(not.filter(({ fault, phase }) => seen.includes(`${fault} ${phase}`))).toEqual([])
  const without = once.filter(({ kind }) => kind !== 'attempt' && kind !== 'run')
  const later = without.map((record) => ({ ...record, at: record.at + 1_000_000 }))
  expect(unseenSteps(runFacts([...once, ...later]))).toEqual(not)
})
