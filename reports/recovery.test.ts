import { expect, test } from 'vitest'
import { killScheduler } from '../harness/judge/testing/stories.ts'
import { recoveryRows } from './recovery.ts'
import { runFacts } from './run-facts.ts'

const once = killScheduler()

test('a scenario that was played several times gives one row a step, over all times', () => {
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

test('an object that can not be read makes no row and breaks no report', () => {
  const spoilt = once.map((record) =>
    record.kind === 'watch' && record.resource === 'nodes' ? { ...record, object: { status: 'none' } } : record,
  )
  expect(recoveryRows(runFacts(spoilt))).toEqual([])
})
