import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { ended, runs } from './machine.ts'

/** Cuts the power of a machine for good; no step starts it again. */
export const loseMachine = defineFault({
  name: 'lose-machine',
  describe: 'Cuts the power of a machine for good; Holdfast discards the cluster afterwards',
  hits: 'machine',
  evidence: {
    confirmed: "the engine reports that the machine's container has ended",
    cleared: 'the cluster is removed; the fault is permanent',
  },
  options: z.object({}),
  create: (machine) => ({
    target: { machines: [machine.name] },
    permanent: true,
    claims: [machine.name],
    available: () => runs(machine),
    inject: async () => {
      await machine.staysOff()
      await machine.kill()
      return [await ended(machine)]
    },
    heal: () => Promise.resolve([]),
    undo: () => [],
  }),
})
