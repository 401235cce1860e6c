import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import { agentFault } from './agent-fault.ts'
import { noMember, servesAgain } from './etcd-member.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { kernelLacks } from './kernel-means.ts'
import { refuseWithin } from './process.ts'
import { requirePositive } from './settings.ts'

/** How large the file system is that etcd's data is moved to. Its file is sparse: it takes what is in it. */
const diskMegabytes = 512

/**
 * etcd's disk stands still: every write and every fsync waits until the fault is healed. The member is stopped for a
 * moment before, and after, while its data moves to a file system of its own that can be frozen, and back.
 */
export function stallDisk(machine: Machine): Fault {
  return freezeDisk('stall-disk', machine, undefined)
}

/** etcd's disk is slow: it stands still for `frozenMs`, works for `thawedMs`, and so on. */
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
    ended: `the disk of etcd on ${machine.name} is thawed and was given back`,
    healthy: () => servesAgain(machine),
  })
}

const ended = 'the file system is thawed and unmounted, its file gone, and the member serves'

export const stallDiskKind = faultKind({
  name: 'stall-disk',
  group: 'storage',
  describe: "Freezes the file system of an etcd member's data: no write and no fsync ends",
  hits: 'machine',
  evidence: { bit: "a thread of etcd's sleeps in the kernel on the frozen file system", ended },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({}),
  make: (machine) => stallDisk(machine),
})

export const slowDiskKind = faultKind({
  name: 'slow-disk',
  group: 'storage',
  describe:
    "Freezes and thaws the file system of an etcd member's data by turns: each write and fsync may take that long",
  hits: 'machine',
  evidence: { bit: "a thread of etcd's was seen asleep in the kernel on the frozen file system", ended },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({
    frozenMs: z.number().positive().default(80).describe('how long it stands still each time'),
    thawedMs: z.number().positive().default(20).describe('how long it works between'),
  }),
  make: (machine, options) => slowDisk(machine, options),
})
