import { nodeObject, nodes } from '../../../../judge/testing/cluster-facts.ts'
import type { JournalBuilder } from '../../../../judge/testing/journal-builder.ts'
import { workedExample } from '../../../../judge/testing/sample-journals.ts'
import type { JournalRecord } from '../../../../record/records.ts'

export interface Placing {
  readonly name: string
  /** Default: the pod waits. */
  readonly node?: string
  /** Of its creation; the binding follows after 20 ms. Default: 5 s. */
  readonly at?: number
  readonly labels?: Readonly<Record<string, string>>
  readonly spec?: object
  readonly by?: string
  readonly endsAt?: number
}

const zones: Readonly<Record<string, string>> = { 'control-plane2': 'b', worker2: 'b' }

export const labelsOf = (node: string): Readonly<Record<string, string>> => ({
  'kubernetes.io/hostname': node,
  'topology.kubernetes.io/zone': zones[node] ?? 'a',
})

/** The worked example with more pods, in the order of the list. `worker2` is in zone b, the other workers are in zone a. */
export function placing(
  pods: readonly Placing[],
  before: (builder: JournalBuilder) => void = () => undefined,
): JournalRecord[] {
  return workedExample((builder) => {
    for (const node of nodes) {
      const isControlPlane = node.startsWith('control-plane')
      const taints = [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }]
      const spec = isControlPlane ? { taints } : {}
      const role = isControlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}
      builder.object(200, 'nodes', '', node, {
        ...nodeObject('True'),
        metadata: { labels: { ...labelsOf(node), ...role } },
        spec,
      })
    }
    before(builder)
    for (const pod of pods) place(builder, pod)
  })
}

function place(builder: JournalBuilder, pod: Placing): void {
  const { name, node, at = 5_000, labels = { app: 'a' }, spec = {}, by = 'control-plane1', endsAt } = pod
  const object = (more: object): Record<string, unknown> => ({
    metadata: { labels },
    spec: { ...spec, ...more },
    status: { phase: 'Pending' },
  })
  builder.object(at, 'pods', builder.namespace, name, object({}), 'added')
  if (node === undefined) {
    const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable' }
    const status = { phase: 'Pending', conditions: [condition] }
    builder.object(at + 10, 'pods', builder.namespace, name, { ...object({}), status })
    return
  }
  builder.binding(at + 20, name, node, by)
  builder.object(at + 30, 'pods', builder.namespace, name, object({ nodeName: node }))
  if (endsAt !== undefined) {
    builder.object(endsAt, 'pods', builder.namespace, name, object({ nodeName: node }), 'deleted')
  }
}
