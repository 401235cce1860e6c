import { expect, test } from 'vitest'
import { probeGaps } from '../../harness/judge/coverage/probe-gaps.ts'
import { drainNode, killScheduler } from '../../harness/judge/testing/sample-journals.ts'
import type { JournalRecord, RecordOf } from '../../harness/record/records.ts'
import { type Line, ofScenario, thinned } from './thin.ts'

const attempt = (n: number, ok: boolean, from = 'worker1'): RecordOf<'attempt'> => ({
  kind: 'attempt',
  at: n * 100 + 0.123456,
  endedAt: n * 100 + 2.654321,
  from,
  to: '10.96.0.20:80',
  service: 'hf/web',
  protocol: 'tcp',
  ok,
})
const attempts = Array.from({ length: 400 }, (_, n) => attempt(n, !(n > 100 && n < 120) && n !== 300))

test('removes attempts and keeps the edges of every outage', () => {
  const less = thinned(attempts, { digits: 6, every: 8 }) as unknown as RecordOf<'attempt'>[]
  expect(less.length).toBeLessThan(100)
  expect(less.filter(({ ok }) => !ok)).toHaveLength(20)
  expect(probeGaps(less).gaps).toEqual(probeGaps(attempts).gaps)
  expect([less[0], less.at(-1)]).toEqual([attempts[0], attempts.at(-1)])
})

test('thins each probe separately', () => {
  const both = attempts.flatMap((one, n) => [one, attempt(n, true, 'worker2')])
  const less = thinned(both, { digits: 6, every: 8 })
  expect(less.filter((line) => line['from'] === 'worker2')).toHaveLength(51)
})

test('rounds times and leaves everything else unchanged', () => {
  const [line] = thinned([attempt(1, true)], { digits: 1, every: 1 })
  expect(line).toEqual({ ...attempt(1, true), at: 100.1, endedAt: 102.7 })
})

test('keeps the records before a scenario and drops those of other scenarios', () => {
  const lines = [...killScheduler(), ...drainNode()] as JournalRecord[] as unknown as Line[]
  const own = ofScenario(lines, 'drain-node')
  expect(own.find(({ kind }) => kind === 'run')).toMatchObject({ scenarios: ['drain-node'] })
  expect(own.filter(({ kind }) => kind === 'cluster')).toHaveLength(1)
  expect(own.filter(({ kind }) => kind === 'scenario').map((line) => line['name'])).toEqual([
    'drain-node',
    'drain-node',
  ])
  expect(own.at(-1)).toMatchObject({ kind: 'scenario', edge: 'end' })
  expect(JSON.stringify(own)).not.toContain('hf-kill-scheduler')
})
