import { expect, test } from 'vitest'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

interface PodState {
  readonly ready?: boolean
  readonly container?: string
  readonly deleted?: boolean
}

const probe = { periodSeconds: 1, failureThreshold: 3 }

function pod({ ready = false, container = 'c1', deleted = false }: PodState): Record<string, unknown> {
  return {
    metadata: deleted ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {},
    spec: { nodeName: 'worker1', containers: [{ name: 'c', readinessProbe: probe }] },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }],
      containerStatuses: [{ name: 'c', containerID: container }],
    },
  }
}

const healedAt = 10_500

/**
 * worker1's kubelet is killed at 10 s and runs again at 10.5 s. On the Node run a Ready pod and a pod that was never
 * Ready.
 */
function restarted(after: (builder: JournalBuilder) => void = () => undefined, fault = 'kill'): JournalRecord[] {
  const builder = new JournalBuilder('kubelet-restarts')
  const { namespace } = builder
  const running = { web: 'worker1', unready: 'worker1' }
  builder.object(1_000, 'pods', namespace, 'web', pod({ ready: true }), 'added')
  builder.object(1_000, 'pods', namespace, 'unready', pod({}), 'added')
  builder.census(9_000, running)
  builder.fault('f1', fault, { machines: ['worker1'], component: 'kubelet' }, 10_000, healedAt)
  builder.census(30_000, running)
  after(builder)
  return builder.journal(40_000)
}

/** The pod that was never Ready is reported Ready from one time to another. */
function calledReady(from: number, until: number, end: PodState = {}): JournalRecord[] {
  return restarted((builder) => {
    builder.object(from, 'pods', builder.namespace, 'unready', pod({ ready: true }))
    builder.object(until, 'pods', builder.namespace, 'unready', pod(end))
  })
}

const ended = (journal: JournalRecord[], name: string): JournalRecord[] => {
  const last = journal.findLast((record) => record.kind === 'containers')?.at ?? 0
  return edited(journal, 'containers', (record: RecordOf<'containers'>) =>
    record.at < last - 1_000
      ? record
      : {
          ...record,
          containers: record.containers.map((one) => (one.pod === name ? { ...one, startedAt: 'later' } : one)),
        },
  )
}

test('passes for a restart that changes nothing', () => {
  expect(verdictOf('KLET-04', restarted())).toMatchObject({
    status: 'pass',
    code: 'UNDISTURBED',
    values: { machine: 'worker1', containers: 1, pods: 1 },
  })
})

test('fails for a restarted container of a ready pod', () => {
  expect(verdictOf('KLET-04', ended(restarted(), 'web'))).toMatchObject({
    status: 'fail',
    code: 'CONTAINER_RESTARTED',
    values: { containers: ['web on worker1'] },
  })
})

test('accepts ended containers of pods that were not Ready or were deleted', () => {
  expect(verdictOf('KLET-04', ended(restarted(), 'unready'))).toMatchObject({ status: 'pass' })
  const deleted = restarted((builder) => {
    builder.object(20_000, 'pods', builder.namespace, 'web', pod({ ready: true, deleted: true }))
  })
  expect(verdictOf('KLET-04', ended(deleted, 'web'))).toMatchObject({ status: 'pass' })
})

test('is late for a pod that is reported Ready for less time than its probe needs to fail', () => {
  expect(verdictOf('KLET-04', calledReady(11_000, 12_500))).toMatchObject({
    status: 'late',
    code: 'READY_WITHOUT_PROBE',
    values: { pod: 'unready', machine: 'worker1', forMs: 1_500, leastMs: 2_000 },
  })
})

test('is known for a version of Kubernetes with this deviation, where the report is corrected in time', () => {
  const version = (journal: JournalRecord[], kubernetes: string): JournalRecord[] =>
    edited(journal, 'cluster', (cluster) => ({ ...cluster, versions: { kubernetes } }))
  const code = 'READY_WITHOUT_PROBE'
  expect(verdictOf('KLET-04', version(calledReady(11_000, 12_500), 'v1.37.2'))).toMatchObject({ status: 'known', code })
  expect(verdictOf('KLET-04', version(calledReady(11_000, 12_500), 'v1.99.0'))).toMatchObject({ status: 'late', code })
  expect(verdictOf('KLET-04', version(ended(restarted(), 'web'), 'v1.37.2'))).toMatchObject({ status: 'fail' })
})

test('is inconclusive for a pod that is Ready for as long as a success lasts, and passes for one that stays Ready', () => {
  expect(verdictOf('KLET-04', calledReady(11_000, 14_000))).toMatchObject({ code: 'PROBE_UNKNOWN' })
  expect(verdictOf('KLET-04', calledReady(11_000, 14_000, { ready: true }))).toMatchObject({ status: 'pass' })
})

test('ignores the end of Ready of another container or of a deleted pod', () => {
  expect(verdictOf('KLET-04', calledReady(11_000, 12_000, { container: 'c2' }))).toMatchObject({ status: 'pass' })
  expect(verdictOf('KLET-04', calledReady(11_000, 12_000, { deleted: true }))).toMatchObject({ status: 'pass' })
})

test('is not exercised by a paused kubelet or by one whose machine has another fault', () => {
  const code = 'STIMULUS_ABSENT'
  expect(
    verdictOf(
      'KLET-04',
      restarted(() => undefined, 'pause'),
    ),
  ).toMatchObject({ code })
  const target = { machines: ['worker1'], component: 'containerd' }
  const both = restarted((builder) => builder.fault('f2', 'kill', target, 10_100, 10_400))
  expect(verdictOf('KLET-04', both)).toMatchObject({ code })
})

test('is inconclusive without a later listing of containers', () => {
  const seen = edited(restarted(), 'containers', (record) => (record.at > 1_010_000 ? undefined : record))
  expect(verdictOf('KLET-04', seen)).toMatchObject({ status: 'inconclusive', code: 'NOT_LOOKED_AT' })
})
