import { describe, expect, test } from 'vitest'
import { drainNode } from '../../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import type { JournalRecord } from '../../../record/records.ts'

type Listed = readonly [t: number, machine: string, id: string]

/** The listings of a pod of a StatefulSet. */
function listed(all: readonly Listed[], more: (builder: JournalBuilder) => void = () => undefined): JournalRecord[] {
  return drainNode((builder) => {
    const { namespace } = builder
    const owner = { kind: 'StatefulSet', name: 'db', uid: builder.uid('statefulsets', namespace, 'db') }
    const pod = { metadata: { ownerReferences: [owner] }, spec: { nodeName: 'worker1' }, status: {} }
    builder.object(2_000, 'pods', namespace, 'db-0', pod, 'added')
    for (const [t, machine, id] of all) {
      const container = { id, namespace, pod: 'db-0', name: 'c', pid: 9, startedAt: '1' }
      builder.add(t, { kind: 'containers', machine, containers: [container] })
    }
    more(builder)
  })
}

const onWorker1: readonly Listed[] = [
  [3_000, 'worker1', 'a'],
  [6_000, 'worker1', 'a'],
]

describe('WL-03', () => {
  test('passes for a name that runs on one Node after another', () => {
    expect(verdictOf('WL-03', listed([...onWorker1, [7_000, 'worker2', 'b']]))).toMatchObject({
      status: 'pass',
      code: 'IDENTITIES_UNIQUE',
      values: { identities: 1, listings: 3 },
    })
  })

  const both: readonly Listed[] = [...onWorker1, [4_000, 'worker2', 'b'], [9_000, 'worker2', 'b']]

  test('fails for a name that runs on two Nodes at once', () => {
    expect(verdictOf('WL-03', listed(both))).toMatchObject({
      status: 'fail',
      code: 'IDENTITY_SHARED',
      values: { pod: 'hf-drain-node/db-0', machines: 'worker1 and worker2', forMs: 2_000 },
    })
  })

  test('allows two of a pod that was deleted by force', () => {
    const forced = (builder: JournalBuilder): void =>
      void builder.fault(
        'f9',
        'force-delete',
        { machines: [], pods: { namespace: builder.namespace, selector: 'a=b' } },
        3_500,
        5_000,
      )
    expect(verdictOf('WL-03', listed(both, forced)).status).toBe('pass')
  })

  test('is inconclusive where one snapshot lists both', () => {
    expect(verdictOf('WL-03', listed([...onWorker1, [6_010, 'worker2', 'b']]))).toMatchObject({
      status: 'inconclusive',
      code: 'ORDER_UNKNOWN',
    })
  })

  test('is not exercised without a StatefulSet', () => {
    expect(verdictOf('WL-03', drainNode()).code).toBe('STIMULUS_ABSENT')
  })
})
