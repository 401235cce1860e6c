import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { undoByKubectl } from './kubectl.ts'
import { isCordoned, nodeOf } from './node.ts'

/** Marks a Node unschedulable; its pods keep running. */
export const cordon = defineFault({
  name: 'cordon',
  describe: 'Marks a Node unschedulable; its pods keep running',
  hits: 'machine',
  evidence: { confirmed: 'the Node is unschedulable', cleared: 'the Node is schedulable again' },
  options: z.object({}),
  create: (machine, _, { cluster }) => {
    const set = async (unschedulable: true | null): Promise<void> => {
      await cluster.kubernetes.merge({ ...nodeOf(machine), spec: { unschedulable } } as never)
    }
    return {
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
  },
})
