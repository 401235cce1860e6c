import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { ended, runs } from './machine.ts'

/** Cuts the power of a machine for good; no step starts it again. */
export function loseMachine(machine: Machine): Fault {
  return {
    name: 'lose-machine',
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
  }
}

export const loseMachineKind = faultKind({
  name: 'lose-machine',
  group: 'machine',
  describe: 'Cuts the power of a machine for good; Holdfast discards the cluster afterwards',
  hits: 'machine',
  evidence: {
    bit: "the engine reports that the machine's container has ended",
    ended: 'the cluster is removed; the fault is permanent',
  },
  options: z.object({}),
  make: (machine) => loseMachine(machine),
})
