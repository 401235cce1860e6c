import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { machineOffFault, offEvidence } from './machine-off.ts'

/** Stops a machine: process 1 receives SIGTERM, and remaining processes are killed after `graceSeconds`. Reverting starts it. */
export const powerOff = defineFault({
  name: 'power-off',
  describe: 'Stops a machine, by default without a grace period; reverting starts it again',
  hits: 'machine',
  evidence: offEvidence,
  options: z.object({
    graceSeconds: z.number().int().min(0).default(0).describe('time for its processes to end before they are killed'),
  }),
  create: (machine, { graceSeconds }) => machineOffFault(machine, () => machine.stop(graceSeconds)),
})
