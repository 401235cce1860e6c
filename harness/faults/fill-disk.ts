import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import { agentFault } from './agent-fault.ts'
import { noMember, servesAgain } from './etcd-member.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { kernelLacks } from './kernel-means.ts'
import { refuseWithin } from './process.ts'

/** Larger than any data of a test cluster, so that the member gets to run on it before it is filled. */
const diskMegabytes = 512

/**
 * etcd's disk is full to the last block, until the fault is healed: the member ends at its next write, and does not come
 * back. It is stopped for a moment before, and after, while its data moves to a file system of its own, and back.
 */
export function fillDisk(machine: Machine): Fault {
  refuseWithin({ machine, component: 'etcd' })
  return agentFault({
    name: 'fill-disk',
    target: { machines: [machine.name], component: 'etcd' },
    claims: [`${machine.name}/etcd`],
    machine,
    action: () => ({ do: 'fill-disk', params: { megabytes: diskMegabytes } }),
    available: () => noMember(machine),
    bit: `etcd on ${machine.name} has ended for want of space`,
    ended: `the disk of etcd on ${machine.name} has space and was given back`,
    healthy: () => servesAgain(machine),
  })
}

export const fillDiskKind = faultKind({
  name: 'fill-disk',
  group: 'storage',
  describe: "Fills the file system of an etcd member's data to the last block",
  hits: 'machine',
  evidence: {
    bit: 'etcd has said in its log that no space is left, and that process has ended',
    ended: 'the file system is unmounted, its file gone, and the member serves',
  },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({}),
  make: (machine) => fillDisk(machine),
})
