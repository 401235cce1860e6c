import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordOf } from '../harness/record/records.ts'
import { edgeRows } from './fault-edges.ts'

const look = (
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

test('a component that was killed is silent and then another process; what it counted is not compared with nothing', () => {
  const told = [
    look('before', { [start]: 5, [leads]: 1 }),
    look('effect', {}, 'refused'),
    look('healed', { [start]: 9, [leads]: 0 }),
  ]
  expect(edgeRows(told, [])).toEqual([
    {
      fault: 'kill-1',
      where: 'kube-scheduler@control-plane1',
      what: 'process',
      told: { before: 'answers', effect: 'no answer', healed: 'another' },
    },
  ])
})

test('one that went on is shown by what it told otherwise, and by nothing that moves all the time', () => {
  const told = [
    look('before', { [start]: 5, [leads]: 0, process_cpu_seconds_total: 1 }),
    look('effect', { [start]: 5, [leads]: 1, process_cpu_seconds_total: 2 }),
  ]
  expect(edgeRows(told, [])).toMatchObject([{ what: leads, told: { before: '0', effect: '1', healed: '' } }])
})

test('flows are shown where their number changed, and every row differs between two looks', () => {
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
      expect(edgeRows([], records)).toHaveLength(new Set(flows).size > 1 ? 1 : 0)
    }),
  )
})
