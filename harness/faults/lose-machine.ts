import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { ended, runs } from './machine.ts'

/** Ends a machine like a power cut, for good: nothing brings it back but the end of the cluster. */
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
  describe: 'Cuts the power of a machine for good: the cluster is thrown away afterwards',
  hits: 'machine',
  evidence: {
    bit: "the engine says that the machine's container has ended",
    ended: 'the cluster is removed: until then it is meant to last',
  },
  options: z.object({}),
  make: (machine) => loseMachine(machine),
})
