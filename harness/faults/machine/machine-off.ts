import type { Machine } from '../../cluster/machine/machine.ts'
import type { FaultBody } from '../engine/fault.ts'
import { ended, runs, switchedOn } from './machine.ts'

/** A machine that `end` switches off. Reverting starts it with the same disks and addresses. */
export function machineOffFault(machine: Machine, end: () => Promise<void>): FaultBody {
  return {
    target: { machines: [machine.name] },
    claims: [machine.name],
    available: () => runs(machine),
    inject: async () => {
      await end()
      return [await ended(machine)]
    },
    heal: async () => [await switchedOn(machine)],
    undo: () => [{ do: 'start', machine: machine.name }],
  }
}

export const offEvidence = {
  confirmed: "the engine reports that the machine's container has ended",
  cleared: 'the container runs, its agent answers, and every component has a process',
} as const
