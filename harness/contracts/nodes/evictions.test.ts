import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { putNode, putPod, silentNodes } from '../../judge/testing/silent-sample.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Watch = RecordOf<'watch'>

function watched(change: (record: Watch) => Watch | undefined, journal = silentNodes()): JournalRecord[] {
  return edited(journal, 'watch', change)
}

/** The states of an object from a time on are reported later, or never. */
function delayed(name: string, from: number, ms = Infinity): JournalRecord[] {
  return watched((record) => {
    if (record.name !== name || record.resource === 'leases' || record.at < start + from) return record
    return ms === Infinity ? undefined : { ...record, at: record.at + ms }
  })
}

function blind(resource: string): JournalRecord[] {
  return silentNodes((builder) => {
    for (const source of ['control-plane1', 'control-plane2']) {
      builder.add(70_000, { kind: 'gap', source, resource, reason: 'cut', until: start + 90_000 })
    }
  })
}

const empty = (record: Watch): Watch | undefined =>
  record.resource === 'nodes' && record.event !== 'listed' ? undefined : record

/** The Node worker1 is created again at 181 s, and its kubelet renews the Lease from 240 s on. */
function created(builder: JournalBuilder, t: number, event: 'added' | 'modified', condition: object): void {
  const again = {
    resource: 'nodes',
    namespace: '',
    name: 'worker1',
    uid: 'uid-again',
    resourceVersion: String(t),
  } as const
  const object = { metadata: {}, spec: {}, status: { conditions: [{ type: 'Ready', ...condition }] } }
  builder.add(t, { kind: 'watch', source: 'control-plane1', event, ...again, object })
}

test('NODE-02 counts no heartbeat of an earlier Node of the same name', () => {
  const journal = silentNodes((builder) => {
    created(builder, 181_000, 'added', { status: 'False' })
    created(builder, 181_500, 'modified', { status: 'Unknown', reason: 'NodeStatusNeverUpdated' })
    created(builder, 240_000, 'modified', { status: 'True' })
    builder.renewals('worker1', 240_000, 259_000)
  })
  expect(verdictOf('NODE-02', journal)).toMatchObject({ status: 'pass', code: 'UNKNOWN_IN_TIME' })
})

describe('NODE-04', () => {
  test('passes where each pod is evicted after its own toleration', () => {
    expect(verdictOf('NODE-04', silentNodes())).toMatchObject({
      status: 'pass',
      code: 'EVICTED_IN_TIME',
      values: { pods: 2 },
    })
  })

  test('fails for a pod that is not evicted, and is late for one that is evicted late', () => {
    expect(verdictOf('NODE-04', delayed('short', 80_000))).toMatchObject({
      status: 'fail',
      code: 'NOT_EVICTED',
      values: { pod: 'hf-silent-node/short', toleratedMs: 10_000, afterMs: 16_800 },
    })
    expect(verdictOf('NODE-04', delayed('short', 80_000, 6_000))).toMatchObject({
      status: 'late',
      code: 'EVICTED_LATE',
      values: { afterMs: 16_100 },
    })
  })

  test('fails for a pod that is evicted early', () => {
    expect(verdictOf('NODE-04', delayed('short', 80_000, -5_000))).toMatchObject({
      status: 'fail',
      code: 'EVICTED_EARLY',
      values: { afterMs: 5_100 },
    })
  })

  test('leaves out a pod that another client deletes, and is inconclusive where pods were not watched', () => {
    const deleted = silentNodes((builder) => {
      putPod(builder, 75_000, 'long', { node: 'worker2', seconds: 45, ready: false, ending: true })
    })
    expect(verdictOf('NODE-04', deleted).status).toBe('pass')
    expect(verdictOf('NODE-04', blind('pods'))).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
    expect(verdictOf('NODE-04', watched(empty)).code).toBe('STIMULUS_ABSENT')
  })

  test('counts from the first taint of the node controller', () => {
    const exchanged = watched((record) => {
      if (record.name !== 'worker2' || record.resource !== 'nodes') return record
      const taints = [{ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' }]
      const t = record.at - start
      if (t >= 86_500 && t < 86_600) return { ...record, at: record.at - 10_000 }
      return t >= 70_200 && t < 70_300 ? { ...record, object: { ...record.object, spec: { taints } } } : record
    })
    expect(verdictOf('NODE-04', exchanged)).toMatchObject({ status: 'pass', code: 'EVICTED_IN_TIME' })
  })
})

describe('NODE-05', () => {
  test('passes for a pod that stays and is Ready again', () => {
    expect(verdictOf('NODE-05', silentNodes())).toMatchObject({
      status: 'pass',
      code: 'EVICTION_CANCELLED',
      values: { pod: 'hf-silent-node/long', node: 'worker2', afterMs: 1_100, pods: 1 },
    })
  })

  test('fails for a pod that is evicted after the return', () => {
    const evicted = silentNodes((builder) => {
      const reason = 'DeletionByTaintManager'
      putPod(builder, 115_200, 'long', { node: 'worker2', seconds: 45, reason, ending: true })
    })
    expect(verdictOf('NODE-05', evicted)).toMatchObject({
      status: 'fail',
      code: 'EVICTED_AFTER_RETURN',
      values: { afterMs: 28_200 },
    })
  })

  test('fails for a pod that is not Ready again, and is late for one that is Ready late', () => {
    expect(verdictOf('NODE-05', delayed('long', 88_000))).toMatchObject({ status: 'fail', code: 'NOT_READY_AGAIN' })
    expect(verdictOf('NODE-05', delayed('long', 88_000, 20_000))).toMatchObject({
      status: 'late',
      code: 'READY_AGAIN_LATE',
      values: { afterMs: 21_100 },
    })
  })

  test('is inconclusive without a watch, and not exercised where the recording ends before the toleration', () => {
    expect(verdictOf('NODE-05', blind('nodes'))).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
    expect(verdictOf('NODE-05', silentNodes(undefined, 118_000)).code).toBe('STIMULUS_ABSENT')
  })
})

describe('NODE-06', () => {
  const removedBy = (user: string | undefined): JournalRecord[] => {
    const early = watched((record) =>
      record.name === 'short' && record.event === 'deleted' ? { ...record, at: start + 83_000 } : record,
    )
    return edited(early, 'audit', (record) =>
      record.name !== 'short' || record.verb !== 'delete'
        ? record
        : user === undefined
          ? undefined
          : { ...record, user },
    )
  }
  const collector = 'system:serviceaccount:kube-system:pod-garbage-collector'

  test('passes where the object stays until the kubelet confirms, and the containers run', () => {
    expect(verdictOf('NODE-06', silentNodes())).toMatchObject({
      status: 'pass',
      code: 'OBJECTS_KEPT',
      values: { pods: 1, listed: 1 },
    })
  })

  test('fails for an object that a controller removes, and not where the kubelet or a user does', () => {
    expect(verdictOf('NODE-06', removedBy(collector))).toMatchObject({
      status: 'fail',
      code: 'REMOVED_UNCONFIRMED',
      values: { pod: 'hf-silent-node/short', users: [collector] },
    })
    expect(verdictOf('NODE-06', removedBy('system:node:worker2')).status).toBe('pass')
    expect(verdictOf('NODE-06', removedBy('holdfast-admin')).status).toBe('pass')
  })

  test('is inconclusive where no request for the removal was audited', () => {
    expect(verdictOf('NODE-06', removedBy(undefined))).toMatchObject({ status: 'inconclusive', code: 'NOT_AUDITED' })
  })

  test('fails for containers that end on the silent Node', () => {
    const ended = edited(silentNodes(), 'containers', (record) =>
      record.at === start + 82_000 ? { ...record, containers: [] } : record,
    )
    expect(verdictOf('NODE-06', ended)).toMatchObject({ status: 'fail', code: 'CONTAINERS_ENDED' })
  })
})

describe('NODE-08', () => {
  const second = (t: number): JournalRecord[] =>
    silentNodes((builder) => {
      builder.renewals('worker1', 5, 10_000)
      putNode(builder, t, 'worker1', [])
      putNode(builder, t + 100, 'worker1', ['unreachable'])
      putNode(builder, t + 5_000, 'worker1', [], true)
    })

  test('passes for Nodes that are tainted one after the other', () => {
    expect(verdictOf('NODE-08', second(80_200))).toMatchObject({
      status: 'pass',
      code: 'EVICTIONS_PACED',
      values: { first: 'worker2', second: 'worker1', afterMs: 10_100, pairs: 2 },
    })
  })

  test('fails for Nodes that are tainted at once', () => {
    expect(verdictOf('NODE-08', second(72_000))).toMatchObject({
      status: 'fail',
      code: 'EVICTED_AT_ONCE',
      values: { afterMs: 1_900 },
    })
  })

  test('is not exercised by one Node, and inconclusive where Nodes were not watched', () => {
    expect(verdictOf('NODE-08', silentNodes(undefined, 120_000)).code).toBe('STIMULUS_ABSENT')
    expect(verdictOf('NODE-08', blind('nodes'))).toMatchObject({ status: 'inconclusive', code: 'NOT_WATCHED' })
  })
})

describe('NODE-10', () => {
  test('passes for a pod that is removed and created again', () => {
    expect(verdictOf('NODE-10', silentNodes())).toMatchObject({
      status: 'pass',
      code: 'FORCED',
      values: { pod: 'hf-silent-node/identity', node: 'worker3', afterMs: 10_000, pods: 1 },
    })
  })

  test('fails for a pod that is not removed, and is late for one that is removed late', () => {
    expect(verdictOf('NODE-10', delayed('identity', 175_000))).toMatchObject({ status: 'fail', code: 'NOT_FORCED' })
    expect(verdictOf('NODE-10', delayed('identity', 175_000, 30_000))).toMatchObject({
      status: 'late',
      code: 'FORCED_LATE',
      values: { afterMs: 40_000 },
    })
  })

  test('fails for a stateful pod that is not created again', () => {
    expect(verdictOf('NODE-10', delayed('identity', 175_100))).toMatchObject({ status: 'fail', code: 'NOT_REPLACED' })
  })

  test('is not exercised on a Node that is Ready, or without the taint', () => {
    const ready = watched((record) => {
      const { spec } = record.object as { spec?: { taints?: readonly { key: string }[] } }
      const isOut = record.resource === 'nodes' && spec?.taints?.some(({ key }) => key.endsWith('out-of-service'))
      return isOut
        ? { ...record, object: { spec, status: { conditions: [{ type: 'Ready', status: 'True' }] } } }
        : record
    })
    expect(verdictOf('NODE-10', ready).code).toBe('STIMULUS_ABSENT')
    expect(verdictOf('NODE-10', watched(empty)).code).toBe('STIMULUS_ABSENT')
  })
})
