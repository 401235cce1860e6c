import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import { noMember, servesAgain } from './etcd-member.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { refuseWithin } from '../process/component-process.ts'
import { requirePositive } from '../engine/settings.ts'

/** Size of the file system to which etcd's data is moved. Its file is sparse. */
const diskMegabytes = 512

/**
 * Freezes the file system of an etcd member's data: every write and fsync blocks until reverted. The member restarts at both
 * ends of the fault, while its data moves to a separate file system and back.
 */
export function stallDisk(machine: Machine): Fault {
  return freezeDisk('stall-disk', machine, undefined)
}

/** Freezes the file system of an etcd member's data for `frozenMs`, thaws it for `thawedMs`, and repeats. */
export function slowDisk(machine: Machine, turns: { readonly frozenMs: number; readonly thawedMs: number }): Fault {
  requirePositive('slow-disk', turns)
  return freezeDisk('slow-disk', machine, turns)
}

function freezeDisk(
  name: string,
  machine: Machine,
  turns: { readonly frozenMs: number; readonly thawedMs: number } | undefined,
): Fault {
  refuseWithin({ machine, component: 'etcd' })
  return agentFault({
    name,
    target: { machines: [machine.name], component: 'etcd' },
    claims: [`${machine.name}/etcd`],
    first: true,
    machine,
    action: (_, ttlMs) => ({
      do: 'freeze-disk',
      params: { megabytes: diskMegabytes, ttlMs, ...(turns ? { turns } : {}) },
    }),
    available: () => noMember(machine),
    bit: `etcd on ${machine.name} waits in the kernel for its disk`,
    ended: `the disk of etcd on ${machine.name} is thawed, and etcd uses its own disk again`,
    healthy: () => servesAgain(machine),
  })
}

const ended = 'the file system is thawed and unmounted, its file is gone, and the member serves'

export const stallDiskKind = faultKind({
  name: 'stall-disk',
  group: 'storage',
  describe: "Freezes the file system of an etcd member's data: each write and fsync blocks",
  hits: 'machine',
  evidence: { bit: 'a thread of etcd sleeps in the kernel on the frozen file system', ended },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({}),
  make: (machine) => stallDisk(machine),
})

export const slowDiskKind = faultKind({
  name: 'slow-disk',
  group: 'storage',
  describe:
    "Freezes and thaws the file system of an etcd member's data in turn: each write and fsync blocks while it is frozen",
  hits: 'machine',
  evidence: { bit: 'a thread of etcd was observed asleep in the kernel on the frozen file system', ended },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({
    frozenMs: z.number().positive().default(80).describe('milliseconds frozen in each turn'),
    thawedMs: z.number().positive().default(20).describe('milliseconds thawed in each turn'),
  }),
  make: (machine, options) => slowDisk(machine, options),
})
