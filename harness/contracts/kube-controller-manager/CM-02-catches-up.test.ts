import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { oldSet, WorkloadJournal } from '../workloads/testing/rollout-journal.ts'

interface Change {
  /** When the replacement is created; undefined for never. */
  readonly replacedAt?: number | undefined
  readonly before?: (builder: WorkloadJournal) => void
  readonly end?: number
}

/** Both controller managers are stopped from 10 s to 40 s; a pod is deleted at 12 s and replaced at 56 s. */
function journal({ before = () => undefined, end = 100_000, ...change }: Change = {}): JournalRecord[] {
  const { replacedAt = 56_000 } = 'replacedAt' in change ? { replacedAt: change.replacedAt ?? Infinity } : {}
  const builder = new WorkloadJournal('outage')
  builder.web(900, 1).set(950, 'web-old', 2)
  for (const pod of ['a1', 'a2']) {
    builder.ownedPod(1_000, pod, oldSet, 'pending').ownedPod(2_000, pod, oldSet, 'ready')
  }
  for (const [n, machine] of ['control-plane1', 'control-plane2'].entries()) {
    const target = { machines: [machine], component: 'kube-controller-manager' }
    builder.fault(`f${n}`, 'stop', target, 10_000 + n, 40_000 + n)
  }
  builder.deletes(12_000, 'a1', 'test-user').ownedPod(12_005, 'a1', oldSet, 'terminating')
  builder.ownedPod(13_000, 'a1', oldSet, 'removed')
  if (replacedAt < Infinity) builder.ownedPod(replacedAt, 'a3', oldSet, 'pending')
  before(builder)
  return builder.journal(end)
}

describe('CM-02', () => {
  test('passes where the lost pod is replaced after the return, exactly once', () => {
    expect(verdictOf('CM-02', journal())).toMatchObject({
      status: 'pass',
      code: 'CAUGHT_UP',
      values: { wanted: 2, afterMs: 16_000, outageMs: 28_999 },
    })
  })

  test('fails where the pod is replaced without a controller manager', () => {
    expect(verdictOf('CM-02', journal({ replacedAt: 20_000 }))).toMatchObject({
      status: 'fail',
      code: 'REPLACED_WHILE_DOWN',
      values: { pod: 'a3' },
    })
  })

  test('fails where another pod is lost meanwhile, and not where a fault may be the reason', () => {
    const unready = (builder: WorkloadJournal): void => void builder.ownedPod(15_000, 'a2', oldSet, 'unready')
    expect(verdictOf('CM-02', journal({ before: unready }))).toMatchObject({ status: 'fail', code: 'OTHER_POD_LOST' })
    const disturbed = (builder: WorkloadJournal): void => {
      unready(builder)
      builder.fault('f9', 'kill', { machines: ['worker1'], component: 'kubelet' }, 14_000, 16_000)
    }
    expect(verdictOf('CM-02', journal({ before: disturbed })).status).toBe('pass')
  })

  test('fails for a surplus pod after the return', () => {
    const before = (builder: WorkloadJournal): void => void builder.ownedPod(56_100, 'a4', oldSet, 'pending')
    expect(verdictOf('CM-02', journal({ before }))).toMatchObject({
      status: 'fail',
      code: 'SURPLUS_PODS',
      values: { pods: 3, wanted: 2 },
    })
  })

  test('is late for a late replacement, and fails where it never comes', () => {
    expect(verdictOf('CM-02', journal({ replacedAt: 75_000 }))).toMatchObject({
      status: 'late',
      code: 'CAUGHT_UP_LATE',
    })
    expect(verdictOf('CM-02', journal({ replacedAt: undefined }))).toMatchObject({
      status: 'fail',
      code: 'NOT_CAUGHT_UP',
      values: { pods: 1 },
    })
  })

  test('is inconclusive where the recording ends early or nothing watched the pods', () => {
    expect(verdictOf('CM-02', journal({ replacedAt: undefined, end: 50_000 })).code).toBe('RECORDING_ENDS')
    const before = (builder: WorkloadJournal): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(20_000, { kind: 'gap', source, resource: 'pods', until: start + 25_000, reason: 'cut' })
      }
    }
    expect(verdictOf('CM-02', journal({ before })).code).toBe('NOT_WATCHED')
  })

  test('is not exercised while one controller manager runs', () => {
    const none = journal().filter((record) => record.kind !== 'fault' || record.id !== 'f1')
    expect(verdictOf('CM-02', none).code).toBe('STIMULUS_ABSENT')
  })
})
