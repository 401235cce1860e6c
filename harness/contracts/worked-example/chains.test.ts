import { describe, expect, test } from 'vitest'
import { judgeJournal } from '../judge-journal.ts'
import { killScheduler, workedExample } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

const flows = ['FLOW-01', 'FLOW-02', 'FLOW-03', 'FLOW-04', 'FLOW-05']

function codes(journal: readonly JournalRecord[]): string[] {
  return judgeJournal(journal, { contracts: flows }).map(({ code }) => code)
}

const kill = { machines: ['control-plane1'], component: 'kube-scheduler' }

type Watch = RecordOf<'watch'>

/** The worked example with the watch records of one resource changed. */
function watched(resource: string, change: (record: Watch) => JournalRecord | undefined): JournalRecord[] {
  return edited(workedExample(), 'watch', (record) => (record.resource === resource ? change(record) : record))
}

describe('a Deployment that a user created', () => {
  test('is judged under any name, in any namespace and scenario', () => {
    const text = JSON.stringify(workedExample()).replaceAll('hello', 'cart').replaceAll('hf-worked-example', 'shop')
    const other = JSON.parse(text) as JournalRecord[]
    expect(codes(other)).toEqual(codes(workedExample()))
    expect(codes(other)).toEqual([
      'STORED_IN_TIME',
      'CHAIN_CREATED',
      'BOUND_ONCE',
      'RUN_AND_REPORTED',
      'ANSWERED_BY_ALL',
    ])
  })

  test.each([
    ['during it', 1_040, 1_500],
    ['shortly before it', 100, 500],
    ['permanently before it', 100, undefined],
  ])('is skipped with a fault in force %s', (_, from, until) => {
    const faulty = workedExample((builder) => builder.fault('f1', 'stop', kill, from, until))
    // The pods come too late for every bound.
    const late = edited(faulty, 'watch', (one) =>
      one.at > start + 1_500 || one.resource === 'pods' ? { ...one, at: one.at + 8_000 } : one,
    )
    const absent = Array<string>(4).fill('STIMULUS_ABSENT')
    const expected = [from > 1_000 ? 'STORED_IN_TIME' : 'STIMULUS_ABSENT', ...absent]
    expect(codes(late)).toEqual(expected)
  })

  test('is skipped where a component of the cluster created it', () => {
    const journal = edited(workedExample(), 'audit', (one) =>
      one.resource === 'deployments' ? { ...one, user: 'system:serviceaccount:kube-system:operator' } : one,
    )
    expect(codes(journal)).toEqual(Array(5).fill('STIMULUS_ABSENT'))
    expect(codes(killScheduler())).toEqual(Array(5).fill('STIMULUS_ABSENT'))
  })

  test('ends where the user changes it: a pod that is created then is not counted', () => {
    const journal = workedExample((builder) =>
      builder.deployment(5_000, 'hello', 3).pod(5_100, 'hello-3', 'worker3', 'control-plane1', 'hello'),
    )
    expect(verdictOf('FLOW-02', journal)).toMatchObject({ status: 'pass', values: { pods: 2, wanted: 2 } })
  })
})

describe('an event that never happened', () => {
  const never = { status: 'fail' }

  test('fails FLOW-01 where no watch reported the Deployment', () => {
    const journal = watched('deployments', (record) => ({ ...record, name: 'other', uid: 'other' }))
    expect(verdictOf('FLOW-01', journal)).toMatchObject({
      ...never,
      code: 'NEVER_REPORTED',
      values: { afterMs: 19_000 },
    })
  })

  test('fails FLOW-03 where a pod got no Node, except for a documented reason', () => {
    const unplaced = watched('pods', (record) =>
      record.name === 'hello-2' && record.event !== 'added' ? undefined : record,
    )
    const unbound = edited(unplaced, 'audit', (one) => (one.name === 'hello-2' ? undefined : one))
    expect(verdictOf('FLOW-03', unbound)).toMatchObject({ ...never, code: 'NEVER_BOUND', values: { pod: 'hello-2' } })
    const gated = edited(unbound, 'watch', (record) => {
      if (record.resource !== 'pods' || record.name !== 'hello-2') return record
      const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'SchedulingGated' }]
      return { ...record, object: { ...record.object, status: { conditions } } }
    })
    expect(verdictOf('FLOW-03', gated)).toMatchObject({ status: 'pass', values: { pod: 'hello-1' } })
  })

  const unready = watched('pods', (record) => {
    const { podIP } = record.object['status'] as { podIP?: string }
    return record.name === 'hello-2' && podIP !== undefined ? undefined : record
  })

  test('fails FLOW-04 where a pod was never Ready, except for its own reasons', () => {
    expect(verdictOf('FLOW-04', unready)).toMatchObject({ ...never, code: 'NEVER_READY', values: { pod: 'hello-2' } })
    const pulling = edited(unready, 'watch', (record) => {
      if (record.resource !== 'pods' || record.name !== 'hello-2') return record
      const containerStatuses = [{ state: { waiting: { reason: 'ImagePullBackOff' } } }]
      return { ...record, object: { ...record.object, status: { containerStatuses } } }
    })
    expect(verdictOf('FLOW-04', pulling)).toMatchObject({ status: 'pass', values: { pod: 'hello-1' } })
    const probed = edited(unready, 'watch', (record) => {
      if (record.resource !== 'pods' || record.name !== 'hello-2') return record
      const spec = { ...(record.object['spec'] as object), containers: [{ readinessProbe: {} }] }
      const placed = 'nodeName' in spec
      const status = placed ? { containerStatuses: [{ state: { running: {} } }] } : {}
      return { ...record, object: { ...record.object, spec, status } }
    })
    expect(verdictOf('FLOW-04', probed)).toMatchObject({ status: 'pass', code: 'RUN_AND_REPORTED' })
  })

  test('fails FLOW-04 where the kubelet never reported', () => {
    const journal = edited(workedExample(), 'audit', (one) => (one.subresource === 'status' ? undefined : one))
    expect(verdictOf('FLOW-04', journal)).toMatchObject({ ...never, code: 'NOT_REPORTED', values: { pod: 'hello-1' } })
  })

  test('is inconclusive where the recording ends before the event was due', () => {
    const cut = unready.flatMap((record) => {
      if (record.kind === 'scenario' && record.edge === 'end') return [{ ...record, at: start + 4_000 }]
      return record.at <= start + 4_000 || record.kind === 'containers' ? [record] : []
    })
    expect(verdictOf('FLOW-04', cut)).toMatchObject({ status: 'inconclusive', code: 'RECORDING_ENDS' })
  })
})

describe('a late or wrong event', () => {
  test('FLOW-02 is late where the last pod was late', () => {
    const journal = watched('pods', (record) => ({ ...record, at: record.at + 3_000 }))
    expect(verdictOf('FLOW-02', journal)).toMatchObject({
      status: 'late',
      code: 'CHAIN_LATE',
      values: { afterMs: 3_090 },
    })
  })

  test('FLOW-02 fails for a second ReplicaSet', () => {
    const journal = workedExample((builder) => {
      const owner = { kind: 'Deployment', name: 'hello', uid: builder.uid('deployments', builder.namespace, 'hello') }
      const set = { metadata: { ownerReferences: [owner] }, spec: { replicas: 0 } }
      builder.object(1_200, 'replicasets', builder.namespace, 'hello-7f', set, 'added')
    })
    expect(verdictOf('FLOW-02', journal)).toMatchObject({
      status: 'fail',
      code: 'SEVERAL_REPLICASETS',
      values: { sets: 2 },
    })
  })

  test('FLOW-03 is late where a pod waited too long', () => {
    const journal = watched('pods', (record) =>
      record.event === 'added' ? record : { ...record, at: record.at + 6_000 },
    )
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'late',
      code: 'BOUND_LATE',
      values: { afterMs: 6_030 },
    })
  })

  test('FLOW-05 fails for an endpoint that is ready before its pod', () => {
    const slices = watched('endpointslices', (record) => ({ ...record, at: start + 500 }))
    expect(verdictOf('FLOW-05', slices)).toMatchObject({ status: 'fail', code: 'ENDPOINT_TOO_EARLY' })
  })

  test('FLOW-05 is inconclusive where a Node did not use the Service, or not enough', () => {
    const silent = edited(workedExample(), 'sample', (one) => (one.from === 'worker2' ? undefined : one))
    expect(verdictOf('FLOW-05', silent)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
    const few = edited(workedExample(), 'sample', (one) => ({ ...one, attempts: 3, backends: { 'hello-1': 3 } }))
    expect(verdictOf('FLOW-05', few)).toMatchObject({ status: 'inconclusive', code: 'TOO_FEW' })
    const unused = edited(workedExample(), 'sample', () => undefined)
    expect(verdictOf('FLOW-05', unused)).toMatchObject({ status: 'pass', values: { samples: 0 } })
  })
})
