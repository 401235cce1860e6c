import { z } from 'zod'
import { agentFault } from '../engine/agent-fault.ts'
import { clientUrl } from '../../cluster/etcd.ts'
import { neededForMajority, noMember, servesAgain } from './etcd-member.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { refuseWithin } from '../process/component-process.ts'

/**
 * Deletes an etcd member's data and keeps it down. Reverting follows etcd's manual: the others remove it and add it as a new
 * member, which copies their data. Needs a majority of others: data that only this member has is lost.
 */
export const wipeMember = defineFault({
  name: 'wipe-member',
  describe: "Deletes an etcd member's data and keeps it down; reverting adds it as a new member",
  hits: 'machine',
  evidence: {
    bit: 'the process has ended, and its data folder is gone',
    ended: 'the other members list it with a new id, and it serves',
  },
  options: z.object({}),
  create: (machine, _, { cluster }) => {
    refuseWithin({ machine, component: 'etcd' })
    return agentFault({
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
  },
})
