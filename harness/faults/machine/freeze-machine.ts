import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { runs } from './machine.ts'

/**
 * Freezes every process of a machine until reverted, the agent included (`docker pause`, the kernel's freezer). Connections
 * stay open and the kernel acknowledges packets, but no process answers.
 */
export const freezeMachine = defineFault({
  name: 'freeze-machine',
  describe: 'Freezes every process of a machine: connections stay open, but no process answers',
  hits: 'machine',
  evidence: {
    confirmed: "the engine reports the machine's container as paused",
    cleared: "the machine's agent answers again",
  },
  options: z.object({}),
  create: (machine) => ({
    target: { machines: [machine.name] },
    claims: [machine.name],
    first: true,
    available: () => runs(machine),
    inject: async () => {
      await machine.freeze()
      const facts = await frozenFacts(machine)
      if (!facts.frozen) throw new Error(`${machine.name} is not frozen`)
      return [{ proves: `the engine reports ${machine.name} as paused`, facts }]
    },
    heal: async () => {
      const thawedBefore = !(await machine.frozen())
      await machine.thaw()
      const { at } = await machine.call('hello', {})
      return [
        {
          proves: `${machine.name} is thawed, and its agent answers`,
          facts: { ...(await frozenFacts(machine)), answeredAt: at, ...(thawedBefore ? { already: true } : {}) },
        },
      ]
    },
    undo: () => [{ do: 'unpause', machine: machine.name }],
  }),
})

async function frozenFacts(machine: Machine): Promise<{ machine: string; frozen: boolean }> {
  return { machine: machine.name, frozen: await machine.frozen() }
}
