import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { FaultTarget } from '../../record/records.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { type Share, multiAgentFault } from '../engine/multi-agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { type Cut, type Cuts, cutsOf } from './cut.ts'
import { bridge, halves, isolated, ring } from './grudges.ts'
import { type Traffic, byEnd, sendTestPackets, linksOf, rulesOf, trafficOptions, withoutWay } from './links.ts'

const shapes = {
  isolated: (machines: readonly Machine[]) => (machines[0] ? isolated(machines[0], machines) : []),
  halves,
  bridge,
  ring,
} as const

/**
 * Blocks the packets of pairs of machines; grudges.ts has shapes. They are dropped at the receiver, so that the sender notices
 * nothing, as with a bad cable; they are rejected at the sender, so that the refusal needs no path.
 */
export const partition = defineFault({
  name: 'partition',
  describe: 'Blocks packets between machines; by default between the first machine and the others, in both directions',
  hits: 'group',
  evidence: {
    confirmed: 'the counters of the rules of each pair have matched test packets',
    cleared: "every machine's table is gone",
  },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({
    /** For machines as the target. */
    shape: z
      .enum(['isolated', 'halves', 'bridge', 'ring'])
      .default('isolated')
      .describe(
        '`isolated`: the first against the others; `halves`: a minority against a majority; `bridge`: two halves, one machine connected to both; `ring`: overlapping majorities',
      ),
    verdict: z
      .enum(['drop', 'reject', 'reset'])
      .default('drop')
      .describe('`drop` silently, `reject` with ICMP prohibited, or `reset` TCP connections'),
    ...trafficOptions,
  }),
  create: (target: Cuts, { shape, verdict, ...traffic }) =>
    partitionFault(cutsOf(target, shapes[shape]), verdict, traffic),
})

function partitionFault(cuts: readonly Cut[], verdict: 'drop' | 'reject' | 'reset', traffic: Traffic): FaultBody {
  const links = linksOf(cuts, traffic)
  const place = verdict === 'drop' ? 'arriving' : 'leaving'
  const groups = byEnd(links, verdict === 'drop' ? 'to' : 'from')
  const shares = [...groups].map(([machine, own]): Share => ({
    machine,
    action: (id) => ({
      do: 'cut',
      params: { table: kernelName(id), place, rules: rulesOf(own, traffic), fate: { do: verdict } },
    }),
  }))
  return multiAgentFault({
    target: partitionTarget(cuts, links[0]?.network),
    claims: links.map(({ label, network }) => `${network}/${label}`),
    shares,
    needed: cuts.flatMap(({ from, to }) => [from, to]),
    available: () => withoutWay(links),
    provoke: () => sendTestPackets(links, traffic),
    by: ({ met, labels }) => met === labels,
    confirmed: (machine) =>
      verdict === 'drop' ? `packets to ${machine.name} are dropped` : `packets from ${machine.name} are rejected`,
    cleared: (machine) => `the rules on ${machine.name} are gone`,
  })
}

/** The target: the machine that all pairs share, if there is one, else all machines. */
function partitionTarget(cuts: readonly Cut[], network: FaultTarget['network']): FaultTarget {
  const machines = [...new Set(cuts.flatMap(({ from, to }) => [from, to]))]
  const common = machines.find((machine) => cuts.every(({ from, to }) => from === machine || to === machine))
  return {
    machines: common ? [common.name] : machines.map(({ name }) => name),
    cut: cuts.map(({ from, to }) => ({ from: from.name, to: to.name })),
    ...(network ? { network } : {}),
  }
}
