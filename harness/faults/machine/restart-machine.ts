import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { runs, switchedOn } from './machine.ts'

/** Restarts a machine without a grace period. Reverted when all its components run. */
export function restartMachine(machine: Machine): Fault {
  return {
    name: 'restart-machine',
    target: { machines: [machine.name] },
    claims: [machine.name],
    available: () => runs(machine),
    inject: async () => {
      const before = await machine.startedAt()
      await machine.kill()
      await machine.start()
      const startedAt = await machine.startedAt()
      if (startedAt === before) throw new Error(`${machine.name} did not restart`)
      return [
        {
          proves: `${machine.name} restarted`,
          facts: { machine: machine.name, startedAt, before, stays: false },
        },
      ]
    },
    heal: async () => [await switchedOn(machine)],
    undo: () => [{ do: 'start', machine: machine.name }],
  }
}

export const restartMachineKind = faultKind({
  name: 'restart-machine',
  group: 'machine',
  describe: 'Restarts a machine without a grace period',
  hits: 'machine',
  evidence: {
    bit: "the engine reports a new start time of the machine's container",
    ended: "the machine's agent answers, and every component has a process",
  },
  options: z.object({}),
  make: (machine) => restartMachine(machine),
})
