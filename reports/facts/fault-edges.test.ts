import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordOf } from '../../harness/record/records.ts'
import { phaseRows } from './fault-phases.ts'

const snapshot = (
  moment: RecordOf<'metrics'>['moment'],
  values: Record<string, number>,
  error?: string,
): RecordOf<'metrics'> => ({
  kind: 'metrics',
  at: 1,
  endedAt: 2,
  machine: 'control-plane1',
  component: 'kube-scheduler',
  fault: 'kill-1',
  moment,
  values,
  ...(error ? { error } : {}),
})
const leads = 'leader_election_master_status{name="kube-scheduler"}'
const start = 'process_start_time_seconds'

test('a killed component does not answer and is then a new process; its counters are not compared', () => {
  const snapshots = [
    snapshot('before', { [start]: 5, [leads]: 1 }),
    snapshot('effect', {}, 'refused'),
    snapshot('healed', { [start]: 9, [leads]: 0 }),
  ]
  expect(phaseRows(snapshots, [])).toEqual([
    {
      fault: 'kill-1',
      where: 'kube-scheduler@control-plane1',
      what: 'process',
      values: { before: 'answers', effect: 'no answer', healed: 'new process' },
    },
  ])
})

test('a running component has rows for changed metrics, without those that always change', () => {
  const snapshots = [
    snapshot('before', { [start]: 5, [leads]: 0, process_cpu_seconds_total: 1 }),
    snapshot('effect', { [start]: 5, [leads]: 1, process_cpu_seconds_total: 2 }),
  ]
  expect(phaseRows(snapshots, [])).toMatchObject([{ what: leads, values: { before: '0', effect: '1', healed: '' } }])
})

test('connection tracking has a row exactly when the number of entries changed', () => {
  const counts = fc.array(fc.nat(3), { minLength: 1, maxLength: 3 })
  fc.assert(
    fc.property(counts, (flows) => {
      const records = flows.map((count, n): RecordOf<'conntrack'> => ({
        kind: 'conntrack',
        at: n,
        machine: 'worker1',
        fault: 'f',
        moment: (['before', 'effect', 'healed'] as const)[n] ?? 'healed',
        flows: count,
        byProtocol: {},
      }))
      expect(phaseRows([], records)).toHaveLength(new Set(flows).size > 1 ? 1 : 0)
    }),
  )
})
