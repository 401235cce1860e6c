import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'
import type { Fault } from './fault.ts'

/** A pair of machines whose packets from one to the other are dropped. */
export interface Cut {
  readonly from: Machine
  readonly to: Machine
}

/** Both ways between `one` and each of `others`: a set of pairs, computed before anything is touched. */
export function isolated(one: Machine, others: readonly Machine[]): Cut[] {
  return others.flatMap((other) => [
    { from: one, to: other },
    { from: other, to: one },
  ])
}

const proofPatienceMs = 5_000

/**
 * Drops packets silently between machines on the network that only etcd members share. The rules stand in the machines
 * that receive and in those that send; the evidence is their own counters.
 */
export function partition(cuts: readonly Cut[]): Fault {
  const machines = [...new Set(cuts.flatMap(({ from, to }) => [from, to]))]
  const address = (machine: Machine): string => machine.spec.peerAddress ?? machine.spec.address
  const pairs = cuts.map(({ from, to }) => ({ from: address(from), to: address(to) }))
  const table = (lease: string): string => `holdfast_${lease.replaceAll('-', '_')}`
  /** The machine that most pairs have in common is cut off; the rules go where it is. */
  const host = mostCommon(cuts.flatMap(({ from, to }) => [from, to]))
  return {
    name: 'partition',
    target: { machines: [host.name], cut: cuts.map(({ from, to }) => ({ from: from.name, to: to.name })) },
    available: async () => {
      const down = await Promise.all(
        machines.map(async (machine) => ((await machine.running()) ? undefined : machine.name)),
      )
      const names = down.filter((name) => name !== undefined)
      return names.length > 0 ? `${names.join(', ')} does not run` : undefined
    },
    inject: async ({ id, ttlMs }) => {
      const name = table(id)
      const action = { do: 'drop', table: name, cut: pairs } as const
      const facts = await host.call('take', { lease: id, ttlMs, action, undo: { do: 'undrop', table: name } })
      const packets = await eventually(
        `a packet to be dropped on ${host.name}`,
        async () => (await host.call('dropped', { table: name })).packets || undefined,
        { withinMs: proofPatienceMs, everyMs: 5 },
      )
      return [{ proves: `packets of ${host.name} are dropped`, facts: { ...facts, packets } }]
    },
    heal: async ({ id }) => {
      const facts = await host.call('release', { lease: id })
      return [{ proves: `the rules on ${host.name} are gone`, facts }]
    },
  }
}

function mostCommon(machines: readonly Machine[]): Machine {
  const counts = new Map<Machine, number>()
  for (const machine of machines) counts.set(machine, (counts.get(machine) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  if (!most) throw new Error('a partition needs at least one pair of machines')
  return most[0]
}
