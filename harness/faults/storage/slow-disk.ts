import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { diskThawed, freezeDiskFault } from './freeze-disk.ts'

/**
 * Freezes and thaws the file system of an etcd member's data in turn. The member restarts at both ends of the fault, while its
 * data moves to a separate file system and back.
 */
export const slowDisk = defineFault({
  name: 'slow-disk',
  describe:
    "Freezes and thaws the file system of an etcd member's data in turn: each write and fsync blocks while it is frozen",
  hits: 'machine',
  evidence: {
    confirmed: 'a thread of etcd was observed asleep in the kernel on the frozen file system',
    cleared: diskThawed,
  },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({
    frozenMs: z.number().positive().default(80).describe('milliseconds frozen in each turn'),
    thawedMs: z.number().positive().default(20).describe('milliseconds thawed in each turn'),
  }),
  create: (machine, turns) => freezeDiskFault(machine, turns),
})
