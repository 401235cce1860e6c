import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { newSet, rollout, type WorkloadJournal } from '../workloads/testing/rollout-journal.ts'

interface Change {
  /** How long after its usual time the rollout goes on; Infinity for never. */
  readonly pauseMs?: number
  readonly successorFrom?: number
  readonly before?: (builder: WorkloadJournal) => void
}

/** control-plane1 leads and is killed at 11.1 s with a rollout in hand; control-plane2 leads from 28 s on. */
function journal({ pauseMs = 15_500, successorFrom = 28_000, before = () => undefined }: Change = {}): JournalRecord[] {
  const target = { machines: ['control-plane1'], component: 'kube-controller-manager' }
  return rollout((builder) => {
    builder.controls('control-plane1', 5, 11_000).fault('f1', 'kill', target, 11_100, 40_000)
    if (successorFrom < Infinity) builder.controls('control-plane2', successorFrom, 58_000)
    before(builder)
  }, pauseMs)
}

describe('CM-03', () => {
  test('passes where another instance finishes the rollout', () => {
    expect(verdictOf('CM-03', journal())).toMatchObject({
      status: 'pass',
      code: 'FINISHED',
      values: { machine: 'control-plane1', to: 'control-plane2', afterMs: 16_900, crashes: 1, surplus: 0 },
    })
  })

  test('counts surplus pods that are removed again', () => {
    const before = (builder: WorkloadJournal): void => {
      builder.ownedPod(28_100, 'c1', newSet, 'pending').ownedPod(28_600, 'c1', newSet, 'terminating')
    }
    expect(verdictOf('CM-03', journal({ before }))).toMatchObject({ status: 'pass', values: { surplus: 1 } })
  })

  test('fails for a surplus pod that stays', () => {
    const before = (builder: WorkloadJournal): void => {
      builder.ownedPod(28_100, 'c1', newSet, 'pending').ownedPod(28_200, 'c1', newSet, 'ready')
    }
    expect(verdictOf('CM-03', journal({ before }))).toMatchObject({
      status: 'fail',
      code: 'NOT_FINISHED',
      values: { what: 'ReplicaSet hf-rollout/web-new' },
    })
  })

  test('fails where no controller continues, and is late where one does after the bound', () => {
    expect(verdictOf('CM-03', journal({ pauseMs: Infinity }))).toMatchObject({ status: 'fail', code: 'NOT_FINISHED' })
    expect(verdictOf('CM-03', journal({ pauseMs: 22_000 }))).toMatchObject({ status: 'late', code: 'FINISHED_LATE' })
  })

  test.each([
    ['NOT_FINISHED', undefined],
    ['FINISHED', 29_000],
  ])('is %s for a deletion with dependents that ends at %s', (code, endsAt) => {
    const before = (builder: WorkloadJournal): void => {
      const metadata = { deletionTimestamp: '2026-01-01T00:00:00Z', finalizers: ['foregroundDeletion'] }
      const object = { metadata, spec: { replicas: 0, selector: {} } }
      builder.object(10_500, 'deployments', builder.namespace, 'tree', object, 'added')
      if (endsAt) builder.object(endsAt, 'deployments', builder.namespace, 'tree', object, 'deleted')
    }
    expect(verdictOf('CM-03', journal({ before })).code).toBe(code)
  })

  test.each([
    ['NOT_FINISHED', undefined],
    ['FINISHED', 29_000],
  ])('is %s for a Job that gets its pod at %s', (code, createdAt) => {
    const before = (builder: WorkloadJournal): void => {
      const spec = { completions: 1, template: { spec: { restartPolicy: 'Never' } } }
      builder.object(11_050, 'jobs', builder.namespace, 'work', { metadata: {}, spec }, 'added')
      if (createdAt) builder.ownedPod(createdAt, 'j1', { kind: 'Job', name: 'work' }, 'pending')
    }
    expect(verdictOf('CM-03', journal({ before })).code).toBe(code)
  })

  test('fails where no instance takes over, and is late where one does after the bound', () => {
    expect(verdictOf('CM-03', journal({ successorFrom: Infinity }))).toMatchObject({
      status: 'fail',
      code: 'NO_TAKEOVER',
      values: { standbys: ['control-plane2'] },
    })
    const late = { successorFrom: 38_000, pauseMs: 26_000 }
    expect(verdictOf('CM-03', journal(late))).toMatchObject({ status: 'late', code: 'TAKEOVER_LATE' })
  })

  test('is inconclusive where no source watched the Lease', () => {
    const before = (builder: WorkloadJournal): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(20_000, { kind: 'gap', source, resource: 'leases', until: start + 21_000, reason: 'cut' })
      }
    }
    expect(verdictOf('CM-03', journal({ before })).code).toBe('NOT_WATCHED')
  })

  test('is not exercised without work in hand, or without a loss', () => {
    const idle = journal().map((record) =>
      record.kind === 'fault' ? { ...record, at: record.at + (record.edge === 'healed' ? 0 : -5_000) } : record,
    )
    expect(verdictOf('CM-03', idle).code).toBe('STIMULUS_ABSENT')
    expect(verdictOf('CM-03', rollout()).code).toBe('STIMULUS_ABSENT')
  })
})
