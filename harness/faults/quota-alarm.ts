import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { agentFault } from './agent-fault.ts'
import { clientUrl, etcdRequest, noMember, servesAgain } from './etcd-member.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { refuseWithin } from './process.ts'
import { requirePositive } from './settings.ts'

/**
 * An etcd member goes over its space quota and raises the alarm NOSPACE, on which every member refuses writes. Healed as
 * etcd's manual says, with a compaction: watches that lag behind have to list again. The member is restarted at both ends.
 */
export function quotaAlarm(
  cluster: Cluster,
  machine: Machine,
  { headroomMegabytes = 8 }: { readonly headroomMegabytes?: number } = {},
): Fault {
  requirePositive('quota-alarm', { headroomMegabytes })
  refuseWithin({ machine, component: 'etcd' })
  return agentFault({
    name: 'quota-alarm',
    target: { machines: [machine.name], component: 'etcd' },
    // The alarm is everybody's.
    claims: cluster.etcd.map(({ name }) => `${name}/etcd`),
    machine,
    action: () => ({ do: 'quota-alarm', params: { headroomMegabytes, members: cluster.etcd.map(clientUrl) } }),
    available: async () => (await noMember(machine)) ?? raisedAlready(machine),
    bit: `etcd on ${machine.name} has raised the alarm NOSPACE`,
    ended: 'no alarm is raised, and what filled etcd is gone',
    healthy: () => servesAgain(machine),
  })
}

/** One that is raised already would prove what it did not do, and undoing would disarm it. */
async function raisedAlready(machine: Machine): Promise<string | undefined> {
  const { alarms = [] } = (await etcdRequest(machine, '/v3/maintenance/alarm', { action: 'GET' })) as AlarmList
  return alarms.length > 0 ? `etcd has an alarm already: ${alarms.map(({ alarm }) => alarm).join(', ')}` : undefined
}

interface AlarmList {
  readonly alarms?: readonly { readonly alarm?: string }[]
}

export const quotaAlarmKind = faultKind({
  name: 'quota-alarm',
  group: 'storage',
  describe: 'Fills etcd over its space quota, so that it raises NOSPACE and the whole cluster refuses writes',
  hits: 'machine',
  evidence: {
    bit: "the alarm is in etcd's own list",
    ended: 'the list is empty, what was written is deleted, and the member is healthy',
  },
  options: z.object({
    headroomMegabytes: z
      .number()
      .int()
      .positive()
      .default(8)
      .describe('how much may be written before the quota is reached'),
  }),
  make: (machine, options, { cluster }) => quotaAlarm(cluster, machine, options),
})
