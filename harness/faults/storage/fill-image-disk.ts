import { z } from 'zod'
import { componentsOf } from '../../cluster/components.ts'
import { agentFault } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { refuseEmbedded } from '../process/component-process.ts'

/**
 * Fills a Node's disk for images and writable layers until reverted: no image can be unpacked and no container created;
 * running containers continue. Disk eviction thresholds are off, so the kubelet reports no pressure.
 */
export const fillImageDisk = defineFault({
  name: 'fill-image-disk',
  describe: "Fills a Node's disk for images and writable layers: no container can be created there",
  hits: 'machine',
  evidence: {
    confirmed: 'creating a folder there fails with ENOSPC, and the kernel reports no free block and no free inode',
    cleared: "the full file system is gone from the machine's mounts",
  },
  options: z.object({}),
  create: (machine) => {
    refuseEmbedded({ machine, component: 'containerd' })
    return agentFault({
      target: { machines: [machine.name], component: 'containerd' },
      claims: [`${machine.name}/image-disk`],
      machine,
      action: (id) => ({ do: 'fill-image-disk', params: { name: `holdfast-${id}` } }),
      available: () =>
        Promise.resolve(
          componentsOf(machine.spec).includes('containerd')
            ? undefined
            : `${machine.name} runs no separate containerd process`,
        ),
      confirmed: `no layer can be created on ${machine.name}`,
      cleared: `the image disk of ${machine.name} is as before`,
    })
  },
})
