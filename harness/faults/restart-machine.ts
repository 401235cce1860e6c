import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { runs, switchedOn } from './machine.ts'

/** Switches a machine off without grace and on again at once. Over once all its components run again. */
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
      if (startedAt === before) throw new Error(`${machine.name} has not been started again`)
      return [
        {
          proves: `${machine.name} was started again`,
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
  describe: 'Switches a machine off without grace and on again at once',
  hits: 'machine',
  evidence: {
    bit: 'the engine tells another start time than before',
    ended: 'our agent answers in it, and every component has a process',
  },
  options: z.object({}),
  make: (machine) => restartMachine(machine),
})
