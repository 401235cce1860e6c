import type { Facts, HttpSpec } from '../cluster/agent/protocol.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { componentsOf } from '../cluster/components.ts'
import { beginningOf, jsonIn } from '../cluster/json-answer.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'

const servesWithinMs = 60_000

/** Where a member is asked by clients. */
export function clientUrl({ spec }: Machine): string {
  return `https://${spec.address}:2379`
}

/** Why a fault of its disk can't hit this machine's etcd member, or undefined. */
export async function noMember(machine: Machine): Promise<string | undefined> {
  if (!componentsOf(machine.spec).includes('etcd')) return `${machine.name} runs no etcd of its own`
  const { pid } = await machine.call('state', { component: 'etcd' })
  return pid === 0 ? `etcd on ${machine.name} has no process to hit` : undefined
}

/** Why the others would not be a majority without this member, or undefined. */
export async function neededForMajority({ etcd }: Cluster, machine: Machine): Promise<string | undefined> {
  const others = etcd.filter((one) => one !== machine)
  // Whichever way a member fails to answer, it can't be counted on.
  const states = await Promise.all(others.map((other) => serves(other).catch(() => false)))
  const serving = states.filter(Boolean).length
  const needed = Math.floor(etcd.length / 2) + 1
  return serving < needed ? `${serving} other members serve, and a majority of ${etcd.length} is ${needed}` : undefined
}

/** The member answers consistent reads again, which takes a majority. @throws HoldfastError HF_NOT_IN_TIME */
export async function servesAgain(machine: Machine): Promise<Facts> {
  await eventually(`etcd on ${machine.name} to serve`, () => serves(machine), { withinMs: servesWithinMs })
  return { serves: true }
}

/** Its own health, which it tells from a consistent read and from the alarms that are raised. */
async function serves(machine: Machine): Promise<boolean> {
  await ask(machine, { url: `${ownMember}/health`, method: 'GET', timeoutMs: 2_000 })
  return true
}

/** Asks a machine's member over its JSON gateway. @throws what it answers when it is not 200 */
export async function etcdRequest(machine: Machine, path: string, body: object): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const text = JSON.stringify(body)
  const spec = { url: ownMember + path, method: 'POST', headers, body: text, timeoutMs: requestTimeoutMs } as const
  return jsonIn(await ask(machine, spec))
}

const ownMember = 'https://127.0.0.1:2379'
const requestTimeoutMs = 10_000

async function ask(machine: Machine, spec: HttpSpec): Promise<{ status: number; body: string }> {
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
