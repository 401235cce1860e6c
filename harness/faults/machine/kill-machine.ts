import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { machineOffFault, offEvidence } from './machine-off.ts'

/** Cuts the power of a machine: no process receives a warning. Reverting starts it again. */
export const killMachine = defineFault({
  name: 'kill-machine',
  describe: 'Cuts the power of a machine (SIGKILL for every process); reverting starts it again',
  hits: 'machine',
  evidence: offEvidence,
  options: z.object({}),
  create: (machine) => machineOffFault(machine, () => machine.kill()),
})
