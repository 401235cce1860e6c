import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import type { FaultTarget } from '../record/records.ts'
import { kernelName } from './agent-fault.ts'
import { type Share, agentsFault } from './agents-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { kernelLacks } from './kernel-means.ts'
import { type Pair, bridge, halves, isolated, ring } from './grudges.ts'
import { type Traffic, byEnd, knock, linksOf, rulesOf, trafficOptions, withoutWay } from './links.ts'

/** A pair of machines whose packets from one to the other do not arrive. */
export type Cut = Pair<Machine>

export interface PartitionOptions extends Traffic {
  /**
   * `drop` (default): packets are gone without a word. `reject`: the sender is told that they are prohibited. `reset`: its
   * TCP connections end with RST, and new ones are refused.
   */
  readonly verdict?: 'drop' | 'reject' | 'reset'
}

/**
 * Ends the packets of some pairs of machines. What is dropped is dropped where it arrives, so that the sender learns as
 * little as from a bad cable; what is refused is refused where it leaves, so that the refusal itself has no way to go. Each
 * machine that this takes has its own rules.
 *
 * It has bitten when the rules of each pair have counted packets, which are sent on purpose; it has ended when every
 * machine's table is gone.
 */
export function partition(cuts: readonly Cut[], options: PartitionOptions = {}): Fault {
  const { verdict = 'drop' } = options
  const links = linksOf(cuts, options)
  const place = verdict === 'drop' ? 'arriving' : 'leaving'
  const groups = byEnd(links, verdict === 'drop' ? 'to' : 'from')
  const shares = [...groups].map(([machine, own]): Share => ({
    machine,
    action: (lease) => ({
      do: 'cut',
      params: { table: kernelName(lease), place, rules: rulesOf(own, options), fate: { do: verdict } },
    }),
  }))
  return agentsFault({
    name: 'partition',
    target: partitionTarget(cuts, links[0]?.network),
    claims: links.map(({ label, network }) => `${network}/${label}`),
    shares,
    needed: cuts.flatMap(({ from, to }) => [from, to]),
    available: () => withoutWay(links),
    provoke: () => knock(links, options),
    by: ({ met, labels }) => met === labels,
    bit: (machine) =>
      verdict === 'drop' ? `packets to ${machine.name} are dropped` : `packets from ${machine.name} are refused`,
    ended: (machine) => `the rules on ${machine.name} are gone`,
  })
}

/** Whom it hits: the machine that all pairs have in common, if there is one; else all of them. */
function partitionTarget(cuts: readonly Cut[], network: FaultTarget['network']): FaultTarget {
  const machines = [...new Set(cuts.flatMap(({ from, to }) => [from, to]))]
  const common = machines.find((machine) => cuts.every(({ from, to }) => from === machine || to === machine))
  return {
    machines: common ? [common.name] : machines.map(({ name }) => name),
    cut: cuts.map(({ from, to }) => ({ from: from.name, to: to.name })),
    ...(network ? { network } : {}),
  }
}

const shapes = {
  isolated: (machines: readonly Machine[]) => (machines[0] ? isolated(machines[0], machines) : []),
  halves,
  bridge,
  ring,
} as const

export const partitionKind = faultKind({
  name: 'partition',
  group: 'network',
  describe: 'Ends the packets between machines, by a shape or both ways between the first and the rest',
  hits: 'group',
  evidence: {
    bit: 'on each machine the counters of the rules of each pair have met packets',
    ended: "every machine's table is gone",
  },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({
    shape: z
      .enum(['isolated', 'halves', 'bridge', 'ring'])
      .default('isolated')
      .describe(
        'the first against the rest; a minority against a majority; two halves with one in between; a ring of majorities',
      ),
    verdict: z.enum(['drop', 'reject', 'reset']).default('drop').describe('silent, prohibited, or TCP reset'),
    ...trafficOptions,
  }),
  make: (machines, { shape, verdict, network, protocol, port }) =>
    partition(shapes[shape](machines), {
      verdict,
      ...(network ? { network } : {}),
      ...(protocol ? { protocol } : {}),
      ...(port === undefined ? {} : { port }),
    }),
})
