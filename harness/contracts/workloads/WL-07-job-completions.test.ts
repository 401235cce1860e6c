import { describe, expect, test } from 'vitest'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import type { JournalRecord } from '../../record/records.ts'
import { type PodState, WorkloadJournal } from './testing/rollout-journal.ts'

const owner = { kind: 'Job', name: 'work' } as const
const kcm = { machines: ['control-plane1', 'control-plane2'], component: 'kube-controller-manager' }

interface Change {
  readonly spec?: object
  readonly condition?: { readonly type: string; readonly reason: string } | null
  readonly succeeded?: number
  readonly endsAt?: number
  readonly states?: readonly PodState[]
  readonly before?: (builder: WorkloadJournal) => void
}

/** A Job of three completions, two pods at once: the third pod follows the first at 5 s. It ends at 8 s. */
function journal(change: Change = {}): JournalRecord[] {
  const { states = ['succeeded', 'succeeded', 'succeeded'], endsAt = 8_500 } = change
  const { condition = { type: 'Complete', reason: 'CompletionsReached' } } = change
  const builder = new WorkloadJournal('jobs')
  const spec = { completions: 3, parallelism: 2, backoffLimit: 1, template: { spec: { restartPolicy: 'Never' } } }
  const job = (t: number, status: object, event: 'added' | 'modified' = 'modified'): void => {
    builder.object(
      t,
      'jobs',
      builder.namespace,
      'work',
      { metadata: {}, spec: { ...spec, ...change.spec }, status },
      event,
    )
  }
  job(1_000, {}, 'added')
  builder.ownedPod(1_100, 'p1', owner, 'pending').ownedPod(1_110, 'p2', owner, 'pending')
  builder.ownedPod(4_900, 'p1', owner, states[0] ?? 'succeeded').ownedPod(5_000, 'p3', owner, 'pending')
  builder.ownedPod(6_000, 'p2', owner, states[1] ?? 'succeeded').ownedPod(8_000, 'p3', owner, states[2] ?? 'succeeded')
  const { succeeded = states.filter((state) => state === 'succeeded').length } = change
  change.before?.(builder)
  if (condition) job(endsAt, { succeeded, conditions: [{ ...condition, status: 'True' }] })
  return builder.journal(60_000)
}

const failed = { type: 'Failed', reason: 'BackoffLimitExceeded' }

describe('WL-07', () => {
  test('passes for exact completions', () => {
    expect(verdictOf('WL-07', journal())).toMatchObject({
      status: 'pass',
      code: 'ENDED_EXACTLY',
      values: { succeeded: 3, completions: 3, afterMs: 500 },
    })
  })

  test('passes for a Job that fails after one failed pod more than its backoffLimit', () => {
    const states = ['failed', 'succeeded', 'failed'] as const
    expect(verdictOf('WL-07', journal({ states, condition: failed }))).toMatchObject({ status: 'pass' })
  })

  test.each([
    ['counts more than required', { succeeded: 4 }],
    ['counts fewer when it is complete', { succeeded: 2 }],
    ['counts a pod that failed', { states: ['succeeded', 'succeeded', 'failed'], succeeded: 3 }],
  ] as const)('fails for a status that %s', (_, change) => {
    expect(verdictOf('WL-07', journal(change))).toMatchObject({ status: 'fail', code: 'COMPLETIONS_WRONG' })
  })

  test('fails where a pod follows too many failures', () => {
    const before = (builder: WorkloadJournal): void => void builder.ownedPod(9_500, 'p4', owner, 'pending')
    const states = ['failed', 'failed', 'succeeded'] as const
    expect(verdictOf('WL-07', journal({ states, before, condition: null }))).toMatchObject({
      status: 'fail',
      code: 'RETRIED_TOO_OFTEN',
      values: { failed: 2, backoffLimit: 1 },
    })
  })

  test('fails for a Job that gives up before its backoffLimit', () => {
    const states = ['succeeded', 'failed', 'succeeded'] as const
    expect(verdictOf('WL-07', journal({ states, condition: failed }))).toMatchObject({
      status: 'fail',
      code: 'FAILED_EARLY',
    })
  })

  test('fails for a Job that never gets its last pod', () => {
    const complete = journal({ condition: null })
    const without = edited(complete, 'watch', (record) => (record.name === 'p3' ? undefined : record))
    expect(verdictOf('WL-07', without)).toMatchObject({ status: 'fail', code: 'PODS_MISSING' })
  })

  test.each([
    ['late', 'PODS_LATE', false],
    ['pass', 'ENDED_EXACTLY', true],
  ] as const)('is %s where the last pod comes after 12 s, without a controller: %s', (status, code, isExcused) => {
    const builder = (one: WorkloadJournal): void => void (isExcused && one.fault('f1', 'kill', kcm, 4_500, 16_000))
    const slow = edited(journal({ before: builder, endsAt: 21_000 }), 'watch', (record) =>
      record.name === 'p3' ? { ...record, at: record.at + 12_000 } : record,
    )
    expect(verdictOf('WL-07', slow)).toMatchObject({ status, code })
  })

  test('is late where the condition follows after the bound, and fails where it never does', () => {
    expect(verdictOf('WL-07', journal({ endsAt: 14_000 }))).toMatchObject({ status: 'late', code: 'ENDED_LATE' })
    expect(verdictOf('WL-07', journal({ condition: null }))).toMatchObject({ status: 'fail', code: 'NOT_ENDED' })
  })

  test('is inconclusive where its pods run at the end, or were not watched', () => {
    const states = ['succeeded', 'succeeded', 'unready'] as const
    expect(verdictOf('WL-07', journal({ states, condition: null })).code).toBe('RECORDING_ENDS')
    const before = (builder: WorkloadJournal): void => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(3_000, { kind: 'gap', source, resource: 'pods', until: start + 4_000, reason: 'cut' })
      }
    }
    expect(verdictOf('WL-07', journal({ before })).code).toBe('NOT_WATCHED')
  })

  test('is not exercised without a Job', () => {
    const none = edited(journal(), 'watch', (record) => (record.resource === 'jobs' ? undefined : record))
    expect(verdictOf('WL-07', none).code).toBe('STIMULUS_ABSENT')
  })
})
