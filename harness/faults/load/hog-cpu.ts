import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { hogFault, hogEnded } from './hog.ts'

/** Keeps `cores` CPUs (default: 1) of a machine busy. */
export const hogCpu = defineFault({
  name: 'hog-cpu',
  describe: 'Keeps CPUs of a machine busy, in a cgroup with that limit',
  hits: 'machine',
  evidence: {
    confirmed: 'the kernel has counted at least half of that CPU time in the cgroup, used or waited for',
    cleared: hogEnded,
  },
  options: z.object({ cores: z.number().positive().max(64).default(1).describe('number of CPUs, fractions allowed') }),
  create: (machine, { cores }) => hogFault(machine, { cores }, `CPUs of ${machine.name} are busy`),
})
