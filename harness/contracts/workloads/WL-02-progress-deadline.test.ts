import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { newSet, oldSet, rollout, WorkloadJournal } from './testing/rollout-journal.ts'

interface Change {
  /** When the status reports the passed deadline of 10 s; Infinity for never. */
  readonly reportedAt?: number
  readonly before?: (builder: WorkloadJournal) => void
}

function progressing(second: number, reason = 'ReplicaSetUpdated') {
  const lastUpdateTime = new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString()
  const status = reason === 'ProgressDeadlineExceeded' ? 'False' : 'True'
  return { conditions: [{ type: 'Progressing', status, reason, lastUpdateTime }] }
}

/** The template changes at 10 s; the new pods are never Ready; the last progress is reported at 11 s. */
function journal({ reportedAt = 21_500, before = () => undefined }: Change = {}): JournalRecord[] {
  const builder = new WorkloadJournal('stuck')
  builder.web(900, 1, { status: progressing(0) }).set(950, 'web-old', 4)
  for (const pod of ['a1', 'a2', 'a3', 'a4']) {
    builder.ownedPod(1_000, pod, oldSet, 'pending').ownedPod(2_000, pod, oldSet, 'ready')
  }
  builder.web(2_100, 1, { status: progressing(2) }).newVersion(10_000, 2)
  builder.set(10_010, 'web-new', 2).set(10_020, 'web-old', 3).ownedPod(10_030, 'b1', newSet, 'pending')
  builder.deletes(10_040, 'a1').ownedPod(10_045, 'a1', oldSet, 'terminating')
  const counts = { replicas: 5, updatedReplicas: 2, availableReplicas: 3 }
  builder.web(11_000, 2, { status: { ...counts, ...progressing(11) } }).ownedPod(11_100, 'a1', oldSet, 'removed')
  before(builder)
  if (reportedAt < Infinity) {
    const status = { ...counts, ...progressing(22, 'ProgressDeadlineExceeded') }
    builder.web(reportedAt, 2, { status })
  }
  return builder.journal(60_000)
}

describe('WL-02', () => {
  test('passes where the status reports the passed deadline', () => {
    expect(verdictOf('WL-02', journal())).toMatchObject({
      status: 'pass',
      code: 'REPORTED',
      values: { deployment: 'hf-stuck/web', afterMs: 10_500, deadlineMs: 10_000, rollouts: 1 },
    })
  })

  test.each([
    ['fail', 'NOT_REPORTED', Infinity],
    ['fail', 'REPORTED_EARLY', 14_000],
    ['late', 'REPORTED_LATE', 35_000],
  ] as const)('is %s with %s where the report comes at %s', (status, code, reportedAt) => {
    expect(verdictOf('WL-02', journal({ reportedAt }))).toMatchObject({ status, code })
  })

  test('excuses a late report while no controller manager leads', () => {
    const before = (builder: WorkloadJournal): void => {
      const target = { machines: ['control-plane1'], component: 'kube-controller-manager' }
      builder.controls('control-plane1', 5, 15_000).fault('f1', 'kill', target, 15_500, 50_000)
      builder.controls('control-plane2', 33_000, 58_000)
    }
    expect(verdictOf('WL-02', journal({ reportedAt: 35_000, before }))).toMatchObject({
      status: 'pass',
      values: { afterMs: 12_000 },
    })
  })

  test('fails where the controller scales the old ReplicaSet up again', () => {
    const before = (builder: WorkloadJournal): void => void builder.set(30_000, 'web-old', 4)
    expect(verdictOf('WL-02', journal({ before }))).toMatchObject({
      status: 'fail',
      code: 'ROLLED_BACK',
      values: { set: 'web-old' },
    })
  })

  test('fails where the controller removes old pods that the strategy requires', () => {
    const before = (builder: WorkloadJournal): void => {
      builder.deletes(30_000, 'a2').ownedPod(30_005, 'a2', oldSet, 'terminating')
    }
    expect(verdictOf('WL-02', journal({ before }))).toMatchObject({
      status: 'fail',
      code: 'OLD_PODS_REMOVED',
      values: { pod: 'a2', available: 2, limit: 3 },
    })
  })

  test('is inconclusive where no source watched the Deployment', () => {
    const before = (builder: WorkloadJournal): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(15_000, { kind: 'gap', source, resource: 'deployments', until: start + 16_000, reason: 'cut' })
      }
    }
    expect(verdictOf('WL-02', journal({ before })).code).toBe('NOT_WATCHED')
  })

  test('is not exercised by a rollout that goes on', () => {
    expect(verdictOf('WL-02', rollout()).code).toBe('STIMULUS_ABSENT')
  })
})
