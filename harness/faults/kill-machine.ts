import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { ended, runs, switchedOn } from './machine.ts'

/** A power cut: nothing in the machine hears of it. It is switched on again to heal, with its disks and addresses. */
export function killMachine(machine: Machine): Fault {
  return off('kill-machine', machine, () => machine.kill())
}

/** Switched off: process 1 is asked to end, and what still runs `graceSeconds` later is killed. */
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
  bit: "the engine says that the machine's container has ended",
  ended: 'it runs, our agent answers in it, and every component has a process',
}

export const killMachineKind = faultKind({
  name: 'kill-machine',
  group: 'machine',
  describe: 'Cuts the power of a machine (SIGKILL for everything in it) and switches it on again to heal',
  hits: 'machine',
  evidence,
  options: z.object({}),
  make: (machine) => killMachine(machine),
})

export const powerOffKind = faultKind({
  name: 'power-off',
  group: 'machine',
  describe: 'Switches a machine off, by default without any grace, and on again to heal',
  hits: 'machine',
  evidence,
  options: z.object({
    graceSeconds: z.number().int().min(0).default(0).describe('how long its processes are given to end by themselves'),
  }),
  make: (machine, options) => powerOff(machine, options),
})
