import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import { refuseEmbedded } from '../process/component-process.ts'
import { noMember, servesAgain } from './etcd-member.ts'

/** Size of the file system to which etcd's data is moved. Its file is sparse. */
const diskMegabytes = 512

/** Freezes the file system of an etcd member's data: for good until reverted, or in turns. */
export function freezeDiskFault(
  machine: Machine,
  turns?: { readonly frozenMs: number; readonly thawedMs: number },
): FaultBody {
  refuseEmbedded({ machine, component: 'etcd' })
  return agentFault({
    target: { machines: [machine.name], component: 'etcd' },
    claims: [`${machine.name}/etcd`],
    first: true,
    machine,
    action: (_, ttlMs) => ({
      do: 'freeze-disk',
      params: { megabytes: diskMegabytes, ttlMs, ...(turns ? { turns } : {}) },
    }),
    available: () => noMember(machine),
    confirmed: `etcd on ${machine.name} waits in the kernel for its disk`,
    cleared: `the disk of etcd on ${machine.name} is thawed, and etcd uses its own disk again`,
    healthy: () => servesAgain(machine),
  })
}

export const diskThawed = 'the file system is thawed and unmounted, its file is gone, and the member serves'
