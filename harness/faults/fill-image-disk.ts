import { z } from 'zod'
import { componentsOf } from '../cluster/components.ts'
import type { Machine } from '../cluster/machine.ts'
import { agentFault } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { refuseWithin } from './process.ts'

/**
 * A Node's disk for images and containers' writable layers is full, until the fault is healed: no image can be unpacked and
 * no container made; those that run go on. Its kubelet is told of no shortage: thresholds of eviction are off.
 */
export function fillImageDisk(machine: Machine): Fault {
  refuseWithin({ machine, component: 'containerd' })
  return agentFault({
    name: 'fill-image-disk',
    target: { machines: [machine.name], component: 'containerd' },
    claims: [`${machine.name}/image-disk`],
    machine,
    action: (lease) => ({ do: 'fill-image-disk', params: { name: `holdfast-${lease}` } }),
    available: () =>
      Promise.resolve(
        componentsOf(machine.spec).includes('containerd') ? undefined : `${machine.name} runs no containerd of its own`,
      ),
    bit: `no layer can be made on ${machine.name}`,
    ended: `the disk of images on ${machine.name} is what it was`,
  })
}

export const fillImageDiskKind = faultKind({
  name: 'fill-image-disk',
  group: 'storage',
  describe: "Fills a Node's disk for images and containers' writable layers: no container can be made there",
  hits: 'machine',
  evidence: {
    bit: 'the kernel refuses a folder there with ENOSPC, and tells of no free block and no free inode',
    ended: "the full file system is gone from the machine's mounts",
  },
  options: z.object({}),
  make: (machine) => fillImageDisk(machine),
})
