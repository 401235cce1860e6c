import type { V1Node } from '@kubernetes/client-node'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'

export async function isCordoned(cluster: Cluster, machine: Machine): Promise<boolean> {
  const node = await cluster.kubernetes.read<V1Node>(nodeOf(machine))
  return node.spec?.unschedulable === true
}

export function nodeOf({ name }: Machine): { apiVersion: string; kind: string; metadata: { name: string } } {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}
