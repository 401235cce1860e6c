import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import { clientUrl } from '../../cluster/etcd.ts'
import { neededForMajority, noMember, servesAgain } from './etcd-member.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { refuseWithin } from '../process/process.ts'

/**
 * Deletes an etcd member's data and keeps it down. Reverting follows etcd's manual: the others remove it and add it as a new
 * member, which copies their data. Needs a majority of others: data that only this member has is lost.
 */
export function wipeMember(cluster: Cluster, machine: Machine): Fault {
  refuseWithin({ machine, component: 'etcd' })
  return agentFault({
    name: 'wipe-member',
    target: { machines: [machine.name], component: 'etcd' },
    claims: [`${machine.name}/etcd`],
    machine,
    action: () => ({
      do: 'wipe-member',
      params: {
        name: machine.name,
        peerUrl: `https://${machine.spec.peerAddress}:2380`,
        others: cluster.etcd.filter((one) => one !== machine).map(clientUrl),
      },
    }),
    available: async () => (await noMember(machine)) ?? neededForMajority(cluster, machine),
    bit: `etcd on ${machine.name} has ended, and its data is gone`,
    ended: `etcd on ${machine.name} is a member again, with a new id`,
    healthy: () => servesAgain(machine),
  })
}

export const wipeMemberKind = faultKind({
  name: 'wipe-member',
  group: 'storage',
  describe: "Deletes an etcd member's data and keeps it down; reverting adds it as a new member",
  hits: 'machine',
  evidence: {
    bit: 'the process has ended, and its data folder is gone',
    ended: 'the other members list it with a new id, and it serves',
  },
  options: z.object({}),
  make: (machine, _, { cluster }) => wipeMember(cluster, machine),
})
