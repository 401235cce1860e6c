import { z } from 'zod'
import { defineFault } from '../engine/fault-kind.ts'
import { runs, switchedOn } from './machine.ts'

/** Restarts a machine without a grace period; reverted when all its components run. */
export const restartMachine = defineFault({
  name: 'restart-machine',
  describe: 'Restarts a machine without a grace period',
  hits: 'machine',
  evidence: {
    confirmed: "the engine reports a new start time of the machine's container",
    cleared: "the machine's agent answers, and every component has a process",
  },
  options: z.object({}),
  create: (machine) => ({
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
  }),
})
