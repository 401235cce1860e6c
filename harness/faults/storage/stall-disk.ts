import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { diskThawed, freezeDiskFault } from './freeze-disk.ts'

/**
 * Freezes the file system of an etcd member's data: every write and fsync blocks until reverted. The member restarts at both
 * ends of the fault, while its data moves to a separate file system and back.
 */
export const stallDisk = defineFault({
  name: 'stall-disk',
  describe: "Freezes the file system of an etcd member's data: each write and fsync blocks",
  hits: 'machine',
  evidence: { confirmed: 'a thread of etcd sleeps in the kernel on the frozen file system', cleared: diskThawed },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({}),
  create: (machine) => freezeDiskFault(machine),
})
