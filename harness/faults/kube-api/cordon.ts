import type { V1Node } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { undoByKubectl } from './kubectl.ts'

/** Marks a Node unschedulable; its pods keep running. */
export function cordon(cluster: Cluster, machine: Machine): Fault {
  const set = async (unschedulable: true | null): Promise<void> => {
    await cluster.kubernetes.merge({ ...nodeOf(machine), spec: { unschedulable } } as never)
  }
  return {
    name: 'cordon',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/cordon`],
    available: async () => {
      if (!machine.node) return `${machine.name} is not a Node`
      return (await isCordoned(cluster, machine)) ? `${machine.name} is already cordoned` : undefined
    },
    inject: async () => {
      await set(true)
      if (!(await isCordoned(cluster, machine))) throw new Error(`${machine.name} is not cordoned`)
      return [{ proves: `${machine.name} is unschedulable`, facts: { cordoned: true } }]
    },
    heal: async () => {
      await set(null)
      if (await isCordoned(cluster, machine)) throw new Error(`${machine.name} is still cordoned`)
      return [{ proves: `${machine.name} is schedulable again`, facts: { cordoned: false } }]
    },
    undo: () => [undoByKubectl(cluster, ['uncordon', machine.name])],
  }
}

export async function isCordoned(cluster: Cluster, machine: Machine): Promise<boolean> {
  const node = await cluster.kubernetes.read<V1Node>(nodeOf(machine))
  return node.spec?.unschedulable === true
}

export function nodeOf({ name }: Machine): { apiVersion: string; kind: string; metadata: { name: string } } {
  return { apiVersion: 'v1', kind: 'Node', metadata: { name } }
}

export const cordonKind = faultKind({
  name: 'cordon',
  group: 'API',
  describe: 'Marks a Node unschedulable; its pods keep running',
  hits: 'machine',
  evidence: { bit: 'the Node is unschedulable', ended: 'the Node is schedulable again' },
  options: z.object({}),
  make: (machine, _, { cluster }) => cordon(cluster, machine),
})
