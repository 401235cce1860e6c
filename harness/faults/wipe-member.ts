import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { agentFault } from './agent-fault.ts'
import { clientUrl, neededForMajority, noMember, servesAgain } from './etcd-member.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { refuseWithin } from './process.ts'

/**
 * An etcd member loses its data and stays down. Healed as etcd's manual says: the others remove it and add it anew, and it
 * learns everything from them. Only while the others are a majority: what they do not have is lost.
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
    bit: `etcd on ${machine.name} has ended and its data is gone`,
    ended: `etcd on ${machine.name} is a member again, under a new id`,
    healthy: () => servesAgain(machine),
  })
}

export const wipeMemberKind = faultKind({
  name: 'wipe-member',
  group: 'storage',
  describe: 'Takes all its data from an etcd member, which joins again as a new one when healed',
  hits: 'machine',
  evidence: {
    bit: 'the process has ended and its data folder is gone',
    ended: 'the others list it as a member with another id than before, and it serves',
  },
  options: z.object({}),
  make: (machine, _, { cluster }) => wipeMember(cluster, machine),
})
