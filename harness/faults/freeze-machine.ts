import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { runs } from './machine.ts'

/**
 * Freezes every process of a machine, our agent's too (the engine's own pause: the kernel's freezer). Its connections stay
 * open, its kernel still acknowledges packets, and nobody answers.
 */
export function freezeMachine(machine: Machine): Fault {
  const facts = async (): Promise<{ machine: string; frozen: boolean }> => ({
    machine: machine.name,
    frozen: await machine.frozen(),
  })
  return {
    name: 'freeze-machine',
    target: { machines: [machine.name] },
    claims: [machine.name],
    first: true,
    available: () => runs(machine),
    inject: async () => {
      await machine.freeze()
      const seen = await facts()
      if (!seen.frozen) throw new Error(`${machine.name} is not frozen`)
      return [{ proves: `the engine says that ${machine.name} is frozen`, facts: seen }]
    },
    heal: async () => {
      const thawedBefore = !(await machine.frozen())
      await machine.thaw()
      const { at } = await machine.call('hello', {})
      return [
        {
          proves: `${machine.name} is thawed and our agent answers in it`,
          facts: { ...(await facts()), answeredAt: at, ...(thawedBefore ? { already: true } : {}) },
        },
      ]
    },
    undo: () => [{ do: 'unpause', machine: machine.name }],
  }
}

export const freezeMachineKind = faultKind({
  name: 'freeze-machine',
  group: 'machine',
  describe: 'Freezes every process of a machine: connections stay open and nobody answers on them',
  hits: 'machine',
  evidence: { bit: "the engine says that the machine's container is paused", ended: 'our agent in it answers again' },
  options: z.object({}),
  make: (machine) => freezeMachine(machine),
})
