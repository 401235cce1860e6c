import type { Facts } from '../../agent/rpc/results.ts'
import type { HttpSpec } from '../../agent/rpc/parameters.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { componentsOf } from '../../cluster/components.ts'
import { beginningOf, jsonIn } from '../../common/json-answer.ts'
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
  await request(machine, { url: `${ownMember}/health`, method: 'GET', timeoutMs: 2_000 })
  return true
}

/** Sends a request to the member's JSON gateway. @throws Error with status and body when the status is not 200 */
export async function etcdRequest(machine: Machine, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const text = JSON.stringify(body)
  const spec = { url: ownMember + path, method: 'POST', headers, body: text, timeoutMs: requestTimeoutMs } as const
  return jsonIn(await request(machine, spec))
}

const ownMember = 'https://127.0.0.1:2379'
const requestTimeoutMs = 10_000

async function request(machine: Machine, spec: HttpSpec): Promise<{ status: number; body: string }> {
  const answer = await machine.call('http', {
    ...spec,
    certificate: '/etc/etcd/pki/client.crt',
    key: '/etc/etcd/pki/client.key',
    authority: '/etc/etcd/pki/ca.crt',
  })
  if (answer.status !== 200) throw new Error(`${answer.status} ${beginningOf(answer.body)}`)
  return answer
}

export function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}
