import { z } from 'zod'
import { componentsOf } from '../../cluster/components.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { refuseWithin } from '../process/component-process.ts'

/**
 * Fills a Node's disk for images and writable layers until reverted: no image can be unpacked and no container created;
 * running containers continue. Disk eviction thresholds are off, so the kubelet reports no pressure.
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
        componentsOf(machine.spec).includes('containerd')
          ? undefined
          : `${machine.name} runs no separate containerd process`,
      ),
    bit: `no layer can be created on ${machine.name}`,
    ended: `the image disk of ${machine.name} is as before`,
  })
}

export const fillImageDiskKind = faultKind({
  name: 'fill-image-disk',
  group: 'storage',
  describe: "Fills a Node's disk for images and writable layers: no container can be created there",
  hits: 'machine',
  evidence: {
    bit: 'creating a folder there fails with ENOSPC, and the kernel reports no free block and no free inode',
    ended: "the full file system is gone from the machine's mounts",
  },
  options: z.object({}),
  make: (machine) => fillImageDisk(machine),
})
