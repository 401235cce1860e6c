import type { V1Node } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import { nodeObject } from '../../cluster/observe/cluster-objects.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { undoByCreating } from './kubectl.ts'
import { nodeOf } from './node.ts'
import { restarts } from './node-registration.ts'

const goesWithinMs = 30_000
const returnsWithinMs = 60_000

/**
 * Deletes a Node object while its machine keeps running. Reverting creates the Node as the boot did, and restarts the
 * processes with kubelet and flanneld: both register only at their start.
 */
export const deleteNode = defineFault({
  name: 'delete-node',
  describe: 'Deletes a Node object while its machine keeps running',
  hits: 'machine',
  evidence: {
    confirmed: 'no Node has that name',
    cleared: 'a Node with another uid is registered by its kubelet, Ready, and has its flannel annotation',
  },
  options: z.object({}),
  create: (machine, _, { cluster }) => deleteNodeFault(cluster, machine),
})

function deleteNodeFault(cluster: Cluster, machine: Machine): FaultBody {
  let uid: string | undefined
  const find = async (): Promise<V1Node | undefined> =>
    (await cluster.kubernetes.list<V1Node>('v1', 'Node')).find(({ metadata }) => metadata?.name === machine.name)
  return {
    target: { machines: [machine.name] },
    claims: [machine.name],
    available: async () => {
      if (!machine.node) return `${machine.name} is not a Node`
      return (await find()) ? undefined : `there is no Node ${machine.name}`
    },
    inject: async () => {
      uid = (await find())?.metadata?.uid
      await cluster.kubernetes.delete(nodeOf(machine))
      // The owner of a finalizer (k3s has one) removes it first.
      await eventually(`deletion of the Node ${machine.name}`, async () => !(await find()), {
        timeoutMs: goesWithinMs,
        intervalMs: 50,
      })
      return [{ proves: `the Node ${machine.name} is gone`, facts: { uid: uid ?? null, exists: false } }]
    },
    heal: async () => {
      await cluster.kubernetes.apply(nodeObject(machine.spec))
      for (const argv of restarts(machine)) {
        const { exitCode, stdout, stderr } = await machine.call('exec', { argv, timeoutMs: 10_000 })
        if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stdout}${stderr}`.trim())
      }
      const node = await eventually(
        `the Node ${machine.name} to be registered and Ready again`,
        async () => {
          const now = await find()
          const flannel = now?.metadata?.annotations?.['flannel.alpha.coreos.com/public-ip']
          const registered = flannel && now.metadata?.labels?.['kubernetes.io/os'] && (await cluster.nodeReady(machine))
          return registered ? now : undefined
        },
        { timeoutMs: returnsWithinMs, intervalMs: 100 },
      )
      const is = node.metadata?.uid ?? null
      if (is === uid) throw new Error(`the Node ${machine.name} was not deleted: its uid is still ${is}`)
      return [{ proves: `the Node ${machine.name} is registered again and Ready`, facts: { was: uid ?? null, is } }]
    },
    undo: () => [
      undoByCreating(cluster, nodeObject(machine.spec)),
      ...restarts(machine).map((argv) => ({ do: 'exec' as const, machine: machine.name, argv: [...argv] })),
    ],
  }
}
