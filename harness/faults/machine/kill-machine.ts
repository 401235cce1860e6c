import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { ended, runs, switchedOn } from './machine.ts'

/** Cuts the power of a machine: no process receives a warning. Reverting starts it with the same disks and addresses. */
export function killMachine(machine: Machine): Fault {
  return off('kill-machine', machine, () => machine.kill())
}

/** Stops a machine: process 1 receives SIGTERM, and remaining processes are killed after `graceSeconds`. */
export function powerOff(machine: Machine, options: { readonly graceSeconds?: number } = {}): Fault {
  return off('power-off', machine, () => machine.stop(options.graceSeconds ?? 0))
}

function off(name: string, machine: Machine, end: () => Promise<void>): Fault {
  return {
    name,
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

const evidence = {
  bit: "the engine reports that the machine's container has ended",
  ended: 'the container runs, its agent answers, and every component has a process',
}

export const killMachineKind = faultKind({
  name: 'kill-machine',
  group: 'machine',
  describe: 'Cuts the power of a machine (SIGKILL for every process); reverting starts it again',
  hits: 'machine',
  evidence,
  options: z.object({}),
  make: (machine) => killMachine(machine),
})

export const powerOffKind = faultKind({
  name: 'power-off',
  group: 'machine',
  describe: 'Stops a machine, by default without a grace period; reverting starts it again',
  hits: 'machine',
  evidence,
  options: z.object({
    graceSeconds: z.number().int().min(0).default(0).describe('time for its processes to end before they are killed'),
  }),
  make: (machine, options) => powerOff(machine, options),
})
