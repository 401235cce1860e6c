import { command } from '../processes/command.ts'
import type { PacketRule } from './packet-rules.ts'
import type { Facts } from '../rpc/results.ts'
import { type Queue, chainOf, jump, queueScript, queuedOf, untracked } from './queue-rules.ts'

/** Seconds to wait for kube-proxy's own changes. */
const lockWaitSeconds = '10'

export async function makeQueue(name: string, rules: readonly PacketRule[], queue: Queue): Promise<void> {
  await command('iptables-restore', ['--noflush', '-w', lockWaitSeconds], queueScript(name, rules, queue))
}

/** Removes the fault's rules, as far as they exist, and returns what they have counted until then. */
export async function removeQueue(name: string, mark: number): Promise<Facts> {
  const counted = queuedOf(await saved(), name)
  const chain = chainOf(name)
  await deleteRule('mangle', `-D POSTROUTING ${jump(name)}`)
  await deleteRule('mangle', `-F ${chain}`)
  await deleteRule('mangle', `-X ${chain}`)
  await deleteRule('raw', `-D OUTPUT ${untracked(name, mark)}`)
  const left = await saved()
  if (left.includes(name) || left.includes(chain)) throw new Error(`rules of ${name} still exist`)
  return { table: name, removed: true, packets: total(counted ?? new Map()) }
}

/** Returns how many packets were queued, and how many of the labels have matched any. */
export async function queueFacts(name: string): Promise<Facts> {
  const counted = queuedOf(await saved(), name)
  if (!counted) throw new Error(`there is no chain ${chainOf(name)}`)
  const met = [...counted.values()].filter((packets) => packets > 0).length
  return { table: name, packets: total(counted), labels: counted.size, met }
}

async function saved(): Promise<string> {
  const tables = await Promise.all(['mangle', 'raw'].map((table) => command('iptables-save', ['-c', '-t', table])))
  return tables.join('')
}

/** A missing rule can't be removed, which is no error; the caller checks that all are gone. */
async function deleteRule(table: string, rule: string): Promise<void> {
  await command('iptables', ['-w', lockWaitSeconds, '-t', table, ...rule.split(' ')]).catch(() => undefined)
}

function total(counted: ReadonlyMap<string, number>): number {
  return [...counted.values()].reduce((sum, packets) => sum + packets, 0)
}
