import { z } from 'zod'
import { agentFault } from '../engine/agent-fault.ts'
import { noMember, servesAgain } from './etcd-member.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { refuseEmbedded } from '../process/component-process.ts'

/** Larger than the data of any test cluster, so that the member runs on it before it is filled. */
const diskMegabytes = 512

/**
 * Fills the file system of an etcd member's data until reverted: the member ends at its next write and stays down. It also
 * restarts at both ends of the fault, while its data moves to a separate file system and back.
 */
export const fillDisk = defineFault({
  name: 'fill-disk',
  describe: "Fills the file system of an etcd member's data completely",
  hits: 'machine',
  evidence: {
    confirmed: "etcd's log reports that no space is left, and that process has ended",
    cleared: 'the file system is unmounted, its file is gone, and the member serves',
  },
  lacking: () => Promise.resolve(kernelLacks(['loop devices'])),
  options: z.object({}),
  create: (machine) => {
    refuseEmbedded({ machine, component: 'etcd' })
    return agentFault({
      target: { machines: [machine.name], component: 'etcd' },
      claims: [`${machine.name}/etcd`],
      machine,
      action: () => ({ do: 'fill-disk', params: { megabytes: diskMegabytes } }),
      available: () => noMember(machine),
      confirmed: `etcd on ${machine.name} has ended because no space is left`,
      cleared: `etcd on ${machine.name} uses its own disk again`,
      healthy: () => servesAgain(machine),
    })
  },
})
