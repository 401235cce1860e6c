import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { hogFault, hogEnded } from './hog.ts'

/** Allocates memory of a machine (default: 256 MiB). */
export const hogMemory = defineFault({
  name: 'hog-memory',
  describe: 'Allocates memory of a machine, in a cgroup with that limit',
  hits: 'machine',
  evidence: { confirmed: 'the kernel has counted that much memory in the cgroup', cleared: hogEnded },
  options: z.object({
    megabytes: z.number().int().positive().default(256).describe('amount of memory in MiB'),
  }),
  create: (machine, { megabytes }) => hogFault(machine, { megabytes }, `memory of ${machine.name} is allocated`),
})
