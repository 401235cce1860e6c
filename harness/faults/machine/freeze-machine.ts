import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { runs } from './machine.ts'

/**
 * Freezes every process of a machine, the agent included (`docker pause`, the kernel's freezer). Connections stay open and the
 * kernel acknowledges packets, but no process answers.
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
      return [{ proves: `the engine reports ${machine.name} as paused`, facts: seen }]
    },
    heal: async () => {
      const thawedBefore = !(await machine.frozen())
      await machine.thaw()
      const { at } = await machine.call('hello', {})
      return [
        {
          proves: `${machine.name} is thawed, and its agent answers`,
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
  describe: 'Freezes every process of a machine: connections stay open, but no process answers',
  hits: 'machine',
  evidence: { bit: "the engine reports the machine's container as paused", ended: "the machine's agent answers again" },
  options: z.object({}),
  make: (machine) => freezeMachine(machine),
})
