import { describe, expect, test } from 'vitest'
import { start } from '../../../judge/testing/cluster-facts.ts'
import { drainNode } from '../../../judge/testing/sample-journals.ts'
import type { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../../record/records.ts'

const controller = 'system:serviceaccount:kube-system:statefulset-controller'

interface SetState {
  readonly replicas?: number
  readonly partition?: number
  readonly update?: string
  readonly policy?: string
}

function putSet(builder: JournalBuilder, t: number, state: SetState, event: 'added' | 'modified' = 'modified'): void {
  const { replicas = 3, partition = 0, update = 'old', policy = 'OrderedReady' } = state
  const updateStrategy = { type: 'RollingUpdate', rollingUpdate: { partition } }
  const object = {
    metadata: { generation: 1 },
    spec: { replicas, podManagementPolicy: policy, updateStrategy },
    status: { observedGeneration: 1, currentRevision: 'old', updateRevision: update },
  }
  builder.object(t, 'statefulsets', builder.namespace, 'db', object, event)
}

type PodState = 'created' | 'ready' | 'ending' | 'gone'

function putPod(builder: JournalBuilder, t: number, ordinal: number, state: PodState, revision = 'old'): void {
  const owner = { kind: 'StatefulSet', name: 'db', uid: builder.uid('statefulsets', builder.namespace, 'db') }
  const isEnding = state === 'ending' || state === 'gone'
  const object = {
    metadata: {
      labels: { 'controller-revision-hash': revision },
      ownerReferences: [owner],
      ...(isEnding ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { nodeName: 'worker1' },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: state === 'ready' ? 'True' : 'False' }] },
  }
  const event = { created: 'added', ready: 'modified', ending: 'modified', gone: 'deleted' } as const
  builder.object(t, 'pods', builder.namespace, `db-${ordinal}`, object, event[state])
}

function deletes(builder: JournalBuilder, t: number, ordinal: number, user = controller): void {
  builder.request(t - 5, { verb: 'delete', name: `db-${ordinal}`, user, code: 200 })
  putPod(builder, t, ordinal, 'ending')
}

/** The pods 0 to 2 are created in order; at 40 s the set is scaled to one, and they are deleted in reverse order. */
function scaled(
  change: Partial<Record<'ready0' | 'gone2', number>> = {},
  policy?: string,
  user?: string,
): JournalRecord[] {
  const { ready0 = 3_000, gone2 = 43_000 } = change
  return drainNode((builder) => {
    const set = policy === undefined ? {} : { policy }
    putSet(builder, 1_000, set, 'added')
    const steps: [number, () => void][] = [
      [2_000, () => putPod(builder, 2_000, 0, 'created')],
      [ready0, () => putPod(builder, ready0, 0, 'ready')],
      [5_000, () => putPod(builder, 5_000, 1, 'created')],
      [6_000, () => putPod(builder, 6_000, 1, 'ready')],
      [7_000, () => putPod(builder, 7_000, 2, 'created')],
      [8_000, () => putPod(builder, 8_000, 2, 'ready')],
      [40_000, () => putSet(builder, 40_000, { ...set, replicas: 1 })],
      [41_000, () => deletes(builder, 41_000, 2)],
      [gone2, () => putPod(builder, gone2, 2, 'gone')],
      [45_000, () => deletes(builder, 45_000, 1, user)],
      [46_000, () => putPod(builder, 46_000, 1, 'gone')],
    ]
    for (const [, write] of steps.toSorted(([a], [b]) => a - b)) write()
  })
}

describe('WL-04', () => {
  test('passes for pods that are created and deleted in order', () => {
    expect(verdictOf('WL-04', scaled())).toMatchObject({
      status: 'pass',
      code: 'IN_ORDER',
      values: { created: 2, deleted: 1 },
    })
  })

  test('fails for a pod that is created before its predecessor is Ready', () => {
    expect(verdictOf('WL-04', scaled({ ready0: 20_000 }))).toMatchObject({
      status: 'fail',
      code: 'CREATED_OUT_OF_ORDER',
      values: { pod: 'hf-drain-node/db-1', other: 'db-0' },
    })
  })

  test('fails for a pod that is deleted while its successor exists', () => {
    expect(verdictOf('WL-04', scaled({ gone2: 50_000 }))).toMatchObject({
      status: 'fail',
      code: 'DELETED_OUT_OF_ORDER',
      values: { pod: 'hf-drain-node/db-1', other: 'db-2' },
    })
  })

  test('judges no deletion that another client requested', () => {
    expect(verdictOf('WL-04', scaled({ gone2: 50_000 }, undefined, 'holdfast-admin'))).toMatchObject({
      status: 'pass',
      values: { deleted: 0 },
    })
  })

  test('judges no set without an order', () => {
    expect(verdictOf('WL-04', scaled({ ready0: 20_000 }, 'Parallel')).code).toBe('STIMULUS_ABSENT')
  })

  test('is inconclusive where the watch of pods was cut as a predecessor may have become Ready', () => {
    const journal = scaled({ ready0: 20_000 })
    const gaps = ['control-plane1', 'control-plane2'].map((source) => ({
      kind: 'gap' as const,
      at: start + 2_500,
      source,
      resource: 'pods',
      until: start + 4_500,
      reason: 'aborted',
    }))
    expect(verdictOf('WL-04', [...journal.slice(0, -1), ...gaps, ...journal.slice(-1)])).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_WATCHED',
    })
  })
})

/** An update is limited to ordinals of at least 2; the pods 0 and 2 are created again. */
function partitioned(
  revisions: { readonly below?: string; readonly above?: string } = {},
  partition = 2,
): JournalRecord[] {
  return drainNode((builder) => {
    putSet(builder, 1_000, {}, 'added')
    putSet(builder, 10_000, { partition, update: 'new' })
    putPod(builder, 12_000, 0, 'created', revisions.below ?? 'old')
    putPod(builder, 14_000, 2, 'created', revisions.above ?? 'new')
  })
}

describe('WL-05', () => {
  test('passes where pods below the partition keep their revision', () => {
    expect(verdictOf('WL-05', partitioned())).toMatchObject({
      status: 'pass',
      code: 'PARTITION_KEPT',
      values: { below: 1, above: 1 },
    })
  })

  test.each([
    ['UPDATED_BELOW_PARTITION', { below: 'new' }, { pod: 'hf-drain-node/db-0', revision: 'new', partition: 2 }],
    ['OLD_ABOVE_PARTITION', { above: 'old' }, { pod: 'hf-drain-node/db-2', revision: 'old', partition: 2 }],
  ])('fails with %s', (code, revisions, values) => {
    expect(verdictOf('WL-05', partitioned(revisions))).toMatchObject({ status: 'fail', code, values })
  })

  test('judges no update without a partition', () => {
    expect(verdictOf('WL-05', partitioned({ below: 'new' }, 0)).code).toBe('STIMULUS_ABSENT')
  })
})
