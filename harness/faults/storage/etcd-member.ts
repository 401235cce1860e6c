import type { Facts } from '../../agent/rpc/results.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { componentsOf } from '../../cluster/components.ts'
import { etcdRequestFrom } from '../../cluster/etcd.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'

const servesWithinMs = 60_000

/** Why the machine has no etcd member that a fault could hit, or undefined. */
export async function noMember(machine: Machine): Promise<string | undefined> {
  if (!componentsOf(machine.spec).includes('etcd')) return `${machine.name} runs no separate etcd process`
  const { pid } = await machine.call('state', { component: 'etcd' })
  return pid === 0 ? `etcd on ${machine.name} has no process` : undefined
}

/** Why the other members are not a majority, or undefined. */
export async function neededForMajority({ etcd }: Cluster, machine: Machine): Promise<string | undefined> {
  const others = etcd.filter((one) => one !== machine)
  // Any failure to answer counts as not serving.
  const states = await Promise.all(others.map((other) => serves(other).catch(() => false)))
  const serving = states.filter(Boolean).length
  const needed = Math.floor(etcd.length / 2) + 1
  return serving < needed
    ? `${serving} other members serve, expected a majority: ${needed} of ${etcd.length}`
    : undefined
}

/** Waits until the member serves linearizable reads, which need a quorum. @throws HoldfastError HF_NOT_IN_TIME */
export async function servesAgain(machine: Machine): Promise<Facts> {
  await eventually(`etcd on ${machine.name} to serve`, () => serves(machine), { withinMs: servesWithinMs })
  return { serves: true }
}

/** Queries /health, which checks a linearizable read and raised alarms. */
async function serves(machine: Machine): Promise<boolean> {
  await etcdRequestFrom(machine, '/health', undefined, { timeoutMs: 2_000 })
  return true
}
