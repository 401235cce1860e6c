import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import { agentFault, kernelName } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'

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
  /** The machine that most pairs have in common is cut off; the rules go where it is. */
  const host = mostCommon(cuts.flatMap(({ from, to }) => [from, to]))
  return agentFault({
    name: 'partition',
    target: { machines: [host.name], cut: cuts.map(({ from, to }) => ({ from: from.name, to: to.name })) },
    machine: host,
    action: (lease) => ({ do: 'drop', params: { table: kernelName(lease), cut: pairs } }),
    available: async () => {
      const down = await Promise.all(
        machines.map(async (machine) => ((await machine.running()) ? undefined : machine.name)),
      )
      const names = down.filter((name) => name !== undefined)
      return names.length > 0 ? `${names.join(', ')} does not run` : undefined
    },
    bit: `packets of ${host.name} are dropped`,
    proven: { by: ({ packets }) => Number(packets) > 0, withinMs: proofPatienceMs },
    ended: `the rules on ${host.name} are gone`,
  })
}

function mostCommon(machines: readonly Machine[]): Machine {
  const counts = new Map<Machine, number>()
  for (const machine of machines) counts.set(machine, (counts.get(machine) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)
  if (!most) throw new Error('a partition needs at least one pair of machines')
  return most[0]
}

export const partitionKind = faultKind({
  name: 'partition',
  group: 'network',
  describe: 'Isolates an etcd member from its peers, both ways, by dropping packets silently',
  hits: 'machine',
  evidence: { bit: "the counters of the fault's own rules have counted dropped packets", ended: 'its table is gone' },
  options: z.object({}),
  make: (machine, _, { cluster }) =>
    partition(
      isolated(
        machine,
        cluster.etcd.filter((other) => other !== machine),
      ),
    ),
})
