import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault } from '../engine/agent-fault.ts'
import { clientUrl, etcdRequestFrom } from '../../cluster/etcd.ts'
import { noMember, servesAgain } from './etcd-member.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { refuseWithin } from '../process/component-process.ts'

/**
 * Fills an etcd member beyond its space quota: it raises the alarm NOSPACE, and every member refuses writes. Reverting follows
 * etcd's manual and compacts, so that lagging watches must list again. The member restarts at both ends of the fault.
 */
export const quotaAlarm = defineFault({
  name: 'quota-alarm',
  describe: 'Fills etcd beyond its space quota: it raises the alarm NOSPACE, and all members refuse writes',
  hits: 'machine',
  evidence: {
    bit: "etcd's alarm list contains the alarm",
    ended: 'the alarm list is empty, the filling data is deleted, and the member is healthy',
  },
  options: z.object({
    headroomMegabytes: z.number().int().positive().default(8).describe('MiB between the current size and the quota'),
  }),
  create: (machine, { headroomMegabytes }, { cluster }) => {
    refuseWithin({ machine, component: 'etcd' })
    return agentFault({
      target: { machines: [machine.name], component: 'etcd' },
      // The alarm applies to all members.
      claims: cluster.etcd.map(({ name }) => `${name}/etcd`),
      machine,
      action: () => ({ do: 'quota-alarm', params: { headroomMegabytes, members: cluster.etcd.map(clientUrl) } }),
      available: async () => (await noMember(machine)) ?? raisedAlready(machine),
      bit: `etcd on ${machine.name} has raised the alarm NOSPACE`,
      ended: 'no alarm is raised, and the filling data is deleted',
      healthy: () => servesAgain(machine),
    })
  },
})

/** An alarm from before would be false evidence, and the reversal would disarm it. */
async function raisedAlready(machine: Machine): Promise<string | undefined> {
  const [query, timeoutMs] = [{ action: 'GET' }, 10_000]
  const { alarms = [] } = (await etcdRequestFrom(machine, '/v3/maintenance/alarm', query, { timeoutMs })) as AlarmList
  return alarms.length > 0 ? `etcd already has an alarm: ${alarms.map(({ alarm }) => alarm).join(', ')}` : undefined
}

interface AlarmList {
  readonly alarms?: readonly { readonly alarm?: string }[]
}
