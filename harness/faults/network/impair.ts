import type { Action } from '../../agent/actions/known-action.ts'
import type { Facts } from '../../agent/rpc/results.ts'
import { type Impairment, netemCan, onlyRate } from '../../agent/kernel/impairment.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { type Share, multiAgentFault } from '../engine/multi-agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { commandSucceeds, outputOf } from '../engine/machine-output.ts'
import { type Cut, type Cuts, cutsOf } from './cut.ts'
import { isolated } from './grudges.ts'
import { type ImpairOptions, impairOptions, impairmentOf } from './impair-options.ts'
import { type Link, byEnd, sendTestPackets, linksOf, rulesOf, withoutWay } from './links.ts'

/**
 * Delays, loses, reorders, duplicates, corrupts or rate-limits packets of pairs of machines, on egress of the sender. The fault
 * counts only if table, program and qdisc existed until its end.
 */
export const impair = defineFault({
  name: 'impair',
  describe:
    'Delays, loses, reorders, duplicates, corrupts or rate-limits packets between the first machine and the others',
  hits: 'group',
  evidence: {
    confirmed: 'the rules have matched packets of each pair, and each impairment has affected some',
    cleared: 'table, program and qdisc are gone, and they existed until then',
  },
  lacking: () => Promise.resolve(kernelLacks(['netem', 'NFQUEUE'])),
  options: impairOptions,
  create: (target: Cuts, options) =>
    impairFault(
      cutsOf(target, ([first, ...others]) => (first ? isolated(first, others) : [])),
      options,
    ),
})

function impairFault(cuts: readonly Cut[], options: ImpairOptions): FaultBody {
  const impairment = impairmentOf(options)
  const links = linksOf(cuts, options)
  const shares = [...byEnd(links, 'from')].map(([machine, own]): Share => ({
    machine,
    action: (id) => actionFor(machine, own, kernelName(id), impairment, options),
  }))
  return multiAgentFault({
    target: { machines: shares.map(({ machine }) => machine.name) },
    claims: links.map(({ label, network }) => `${network}/${label}`),
    shares,
    needed: cuts.flatMap(({ from, to }) => [from, to]),
    available: async () => {
      const whys = await Promise.all(shares.map(({ machine }) => lacking(machine, impairment, options)))
      return whys.find((why) => why !== undefined) ?? withoutWay(links)
    },
    provoke: () => sendTestPackets(links, options, { times: 20, bytes: 1_000 }),
    by: (facts) => happened(facts, impairment),
    confirmed: (machine) => `packets from ${machine.name} are impaired`,
    cleared: (machine) => `table, program and qdisc on ${machine.name} are gone`,
    held: ({ held }) => held === true,
  })
}

/** Whether each impairment has affected at least one packet, as far as the facts show. */
function happened(facts: Facts, impairment: Impairment): boolean {
  const some = (name: string): boolean => Number(facts[name] ?? 0) > 0
  // Kernel qdiscs count only packets, drops and overlimits; the other impairments rely on their configuration.
  if (facts['labels'] === undefined) {
    const waits = impairment.rateBytesPerSecond === undefined || some('overlimits')
    return some('packets') && waits && (impairment.lossPercent === undefined || some('drops'))
  }
  const late = [impairment.delayMs, impairment.jitterMs, impairment.rateBytesPerSecond].some((one) => (one ?? 0) > 0)
  const expected: readonly (readonly [string, boolean])[] = [
    ['delayed', late],
    ['lost', impairment.lossPercent !== undefined],
    ['reordered', impairment.reorderPercent !== undefined],
    ['duplicated', impairment.duplicatePercent !== undefined],
    ['corrupted', impairment.corruptPercent !== undefined],
  ]
  return facts['met'] === facts['labels'] && facts['held'] === true && expected.every(([name, is]) => !is || some(name))
}

async function actionFor(
  machine: Machine,
  links: readonly Link[],
  table: string,
  impairment: Impairment,
  options: ImpairOptions,
): Promise<Action> {
  const rules = rulesOf(links, options)
  const [first] = links
  if (first && (await kernelCan(machine, impairment, options))) {
    return { do: 'shape', params: { table, rules, impairment, between: first.ends } }
  }
  return { do: 'impair', params: { table, rules, impairment } }
}

async function kernelCan(machine: Machine, impairment: Impairment, { means }: ImpairOptions): Promise<boolean> {
  if (means === 'queue' || (await scheduled(machine))) return false
  if (onlyRate(impairment)) return tries(machine, 'tc qdisc add dev lo root handle 1: htb')
  return netemCan(impairment) && tries(machine, 'tc qdisc add dev lo root netem delay 1ms')
}

/** Whether a device already has a qdisc; it is not replaced. */
async function scheduled(machine: Machine): Promise<boolean> {
  const found = JSON.parse(await outputOf(machine, ['tc', '-j', 'qdisc', 'show'])) as { kind: string; root?: boolean }[]
  return found.some(({ kind, root }) => root && kind !== 'noqueue')
}

async function lacking(machine: Machine, impairment: Impairment, options: ImpairOptions): Promise<string | undefined> {
  if (await kernelCan(machine, impairment, options)) return undefined
  if (options.means === 'kernel') return `the kernel of ${machine.name} does not support these impairments (netem, HTB)`
  const queues = 'iptables -t mangle -A POSTROUTING -j NFQUEUE --queue-num 1 --queue-bypass'
  return (await tries(machine, queues)) ? undefined : `the kernel of ${machine.name} has neither netem nor NFQUEUE`
}

/** Tries a command in a temporary network namespace, without effect on the machine. */
function tries(machine: Machine, command: string): Promise<boolean> {
  // A failure to create the namespace is an error, not the result of the command.
  return commandSucceeds(machine, `unshare --net true || exit 2; unshare --net sh -c '${command}' && exit 0 || exit 1`)
}
