import type { JournalRecord } from '../../record/records.ts'
import { nodeObject, nodes } from './cluster-facts.ts'
import { JournalBuilder } from './journal-builder.ts'

const health = ['not-ready', 'unreachable'].map((name) => `node.kubernetes.io/${name}`)

interface PodState {
  readonly node: string
  readonly ready?: boolean
  /** The toleration of both taints of the node controller; undefined: none. */
  readonly seconds?: number
  readonly reason?: 'DeletionByTaintManager' | 'DeletionByPodGC'
  readonly ending?: boolean
  readonly phase?: string
}

/** Writes a pod of a StatefulSet. */
export function putPod(
  builder: JournalBuilder,
  t: number,
  name: string,
  { node, ready = true, seconds, reason, ending = false, phase = 'Running' }: PodState,
  event: 'added' | 'modified' | 'deleted' = 'modified',
): void {
  const tolerations = health.map((key) => ({
    key,
    operator: 'Exists',
    effect: 'NoExecute',
    tolerationSeconds: seconds,
  }))
  builder.object(
    t,
    'pods',
    builder.namespace,
    name,
    {
      metadata: {
        ownerReferences: [{ kind: 'StatefulSet', name: 'set', uid: 'uid-set', controller: true }],
        ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z', deletionGracePeriodSeconds: 1 } : {}),
      },
      spec: { nodeName: node, tolerations: seconds === undefined ? [] : tolerations },
      status: {
        phase,
        conditions: [
          { type: 'Ready', status: ready ? 'True' : 'False' },
          ...(reason ? [{ type: 'DisruptionTarget', status: 'True', reason }] : []),
        ],
      },
    },
    event,
  )
}

/** Writes a Node with taints for eviction. */
export function putNode(
  builder: JournalBuilder,
  t: number,
  name: string,
  keys: readonly string[],
  ready = false,
): void {
  const { spec: _, ...object } = nodeObject(ready ? 'True' : 'Unknown')
  const taints = keys.map((key) => ({ key: `node.kubernetes.io/${key}`, effect: 'NoExecute' }))
  builder.object(t, 'nodes', '', name, { ...object, spec: { taints } })
}

function listing(builder: JournalBuilder, t: number, machine: string, pods: readonly string[]): void {
  const { namespace } = builder
  const containers = pods.map((pod) => ({ id: `id-${pod}`, namespace, pod, name: 'c', pid: 9, startedAt: `s-${pod}` }))
  builder.add(t, { kind: 'containers', machine, containers })
}

/**
 * worker2 is silent from 20 s to 85 s: tainted at 70.2 s, `short` is evicted at 80.3 s, and `long` stays. The kubelet of worker3 is
 * dead from 100 s on: out of service at 165 s. The Node worker1 is deleted at 180 s.
 */
export function silentNodes(
  more: (builder: JournalBuilder) => void = () => undefined,
  until = 260_000,
): JournalRecord[] {
  const builder = new JournalBuilder('silent-node')
  const silences: Readonly<Record<string, number>> = { worker1: 179_000, worker2: 19_000, worker3: 99_000 }
  for (const [n, node] of nodes.entries()) builder.renewals(node, n * 2_000, silences[node] ?? 259_000)
  builder.renewals('worker2', 86_000, 259_000)
  for (const [name, node, seconds] of [
    ['short', 'worker2', 10],
    ['long', 'worker2', 45],
    ['identity', 'worker3', 300],
    ['orphan', 'worker1', 300],
  ] as const) {
    putPod(builder, 1_000, name, { node, seconds }, 'added')
  }
  returning(builder)
  outOfService(builder)
  builder.object(180_000, 'nodes', '', 'worker1', nodeObject('True'), 'deleted')
  const orphan = { node: 'worker1', seconds: 300, phase: 'Failed', reason: 'DeletionByPodGC' } as const
  putPod(builder, 240_000, 'orphan', orphan)
  putPod(builder, 240_010, 'orphan', orphan, 'deleted')
  more(builder)
  return builder.journal(until)
}

function returning(builder: JournalBuilder): void {
  const cut = [
    { from: 'worker2', to: 'control-plane1' },
    { from: 'control-plane1', to: 'worker2' },
  ]
  builder.fault('f1', 'partition', { machines: ['worker2'], cut }, 20_000, 85_000)
  putNode(builder, 70_000, 'worker2', [])
  for (const [name, seconds] of [
    ['short', 10],
    ['long', 45],
  ] as const) {
    putPod(builder, 70_100, name, { node: 'worker2', seconds, ready: false })
  }
  putNode(builder, 70_200, 'worker2', ['unreachable'])
  listing(builder, 75_000, 'worker2', ['short', 'long'])
  const short = { node: 'worker2', seconds: 10, ready: false, reason: 'DeletionByTaintManager' } as const
  putPod(builder, 80_290, 'short', short)
  putPod(builder, 80_300, 'short', { ...short, ending: true })
  listing(builder, 82_000, 'worker2', ['short', 'long'])
  putNode(builder, 86_500, 'worker2', ['unreachable'], true)
  putNode(builder, 87_000, 'worker2', [], true)
  builder.request(87_900, { verb: 'delete', name: 'short', user: 'system:node:worker2', code: 200 })
  putPod(builder, 88_000, 'short', { ...short, ending: true }, 'deleted')
  putPod(builder, 88_100, 'long', { node: 'worker2', seconds: 45 })
}

function outOfService(builder: JournalBuilder): void {
  listing(builder, 99_000, 'worker3', ['identity'])
  builder.fault('f2', 'kill', { machines: ['worker3'], component: 'kubelet' }, 100_000, 178_000)
  putNode(builder, 150_000, 'worker3', [])
  putNode(builder, 150_200, 'worker3', ['unreachable'])
  listing(builder, 160_000, 'worker3', ['identity'])
  putNode(builder, 165_000, 'worker3', ['unreachable', 'out-of-service'])
  const identity = {
    node: 'worker3',
    seconds: 300,
    ready: false,
    reason: 'DeletionByTaintManager',
    ending: true,
  } as const
  putPod(builder, 165_100, 'identity', identity)
  putPod(builder, 175_000, 'identity', identity, 'deleted')
  const { namespace } = builder
  const next = { resource: 'pods', namespace, name: 'identity', uid: 'uid-next', resourceVersion: '9000' } as const
  const object = { metadata: {}, spec: { nodeName: 'control-plane1' }, status: { phase: 'Running' } }
  builder.add(175_200, { kind: 'watch', source: 'control-plane1', event: 'added', ...next, object })
}
