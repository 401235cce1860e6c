import { expect, test } from 'vitest'
import { drainNode } from '../../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../../record/records.ts'

/** A pod with a claim is bound to a Node; the volume of the claim can be used by the Node `pinned` only. */
function placed(node: string, pinned: string | undefined): JournalRecord[] {
  return drainNode((builder) => {
    const { namespace } = builder
    const fields = [{ key: 'metadata.name', operator: 'In', values: [pinned ?? ''] }]
    const nodeAffinity = { required: { nodeSelectorTerms: [{ matchFields: fields }] } }
    builder.object(
      1_000,
      'persistentvolumes',
      '',
      'disk',
      { spec: pinned === undefined ? {} : { nodeAffinity } },
      'added',
    )
    builder.object(1_100, 'persistentvolumeclaims', namespace, 'data', { spec: {} }, 'added')
    const volumes = [{ persistentVolumeClaim: { claimName: 'data' } }]
    const conditions = [{ type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }]
    builder.object(2_000, 'pods', namespace, 'db-0', { spec: { volumes }, status: { conditions } }, 'added')
    builder.object(2_900, 'persistentvolumeclaims', namespace, 'data', { spec: { volumeName: 'disk' } })
    builder.object(3_000, 'pods', namespace, 'db-0', { spec: { volumes, nodeName: node } })
  })
}

test('SCHED-09 passes for a pod at its volume', () => {
  expect(verdictOf('SCHED-09', placed('worker1', 'worker1'))).toMatchObject({
    status: 'pass',
    code: 'PLACED_AT_VOLUMES',
    values: { pods: 1, waited: 1 },
  })
})

test('SCHED-09 fails for a pod away from its volume', () => {
  expect(verdictOf('SCHED-09', placed('worker2', 'worker1'))).toMatchObject({
    status: 'fail',
    code: 'PLACED_AWAY_FROM_VOLUME',
    values: { pod: 'hf-drain-node/db-0', node: 'worker2', volume: 'disk' },
  })
})

test('SCHED-09 is not exercised by a volume that every Node can use', () => {
  expect(verdictOf('SCHED-09', placed('worker2', undefined)).code).toBe('STIMULUS_ABSENT')
})
