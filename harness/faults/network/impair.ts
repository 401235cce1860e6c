import { z } from 'zod'
import type { Action } from '../../agent/actions/index.ts'
import type { Facts } from '../../agent/rpc/results.ts'
import { type Impairment, netemCan, onlyRate } from '../../agent/kernel/impairment.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { durationMs } from '../../common/duration.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { type Share, agentsFault } from '../engine/agents-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { holds, printed } from '../engine/look-in.ts'
import { hasEffect, noEffect } from '../engine/settings.ts'
import { isolated } from './grudges.ts'
import { type Link, type Traffic, byEnd, knock, linksOf, rulesOf, trafficOptions, withoutWay } from './links.ts'
import type { Cut } from './partition.ts'

/** Impairments of packets, applied together. At least one must be set. */
export interface Degradation {
  /** Delay of each packet: `'50ms'`. */
  readonly latency?: string
  /** Uniform variation of the delay, plus or minus. NFQUEUE keeps the order of packets, netem does not. */
  readonly jitter?: string
  /** Percent of packets that are lost. */
  readonly loss?: number
  /** Percent of packets that are held for `reorderBy` (10 ms), so that later ones overtake them. */
  readonly reorder?: number
  readonly reorderBy?: string
  /** Percent of packets that arrive twice. */
  readonly duplicate?: number
  /** Percent of packets in which one bit is flipped. */
  readonly corrupt?: number
  /**
   * `broken` (default): the receiver's kernel detects the corruption and drops the packet. `mended`: checksums are
   * recalculated, and the receiver gets wrong data.
   */
  readonly checksums?: 'broken' | 'mended'
  /** Bytes a second, counted on IP packets; packets that would wait for more than a second are dropped. */
  readonly rate?: number
  /** Seed of the random choice for each packet, in order of arrival. NFQUEUE only. */
  readonly seed?: number
}

export type ImpairOptions = Degradation &
  Traffic & {
    /**
     * `kernel`: HTB for a rate alone, netem for the rest. `queue`: NFQUEUE and the program `impair`. Default: `kernel` where it
     * supports all impairments that are set, else `queue`.
     */
    readonly means?: 'kernel' | 'queue'
  }

/**
 * Delays, loses, reorders, duplicates, corrupts or rate-limits packets of pairs of machines, on egress of the sender.
 *
 * Effect confirmed when the rules have matched test packets of each pair and each impairment has affected some. Cleared when
 * table, program and qdisc are gone; the fault counts only if they existed until then.
 */
export function impair(cuts: readonly Cut[], options: ImpairOptions): Fault {
  const impairment = impairmentOf(options)
  const links = linksOf(cuts, options)
  const shares = [...byEnd(links, 'from')].map(([machine, own]): Share => ({
    machine,
    action: (lease) => actionFor(machine, own, kernelName(lease), impairment, options),
  }))
  return agentsFault({
    name: 'impair',
    target: { machines: shares.map(({ machine }) => machine.name) },
    claims: links.map(({ label, network }) => `${network}/${label}`),
    shares,
    needed: cuts.flatMap(({ from, to }) => [from, to]),
    available: async () => {
      const whys = await Promise.all(shares.map(({ machine }) => lacking(machine, impairment, options)))
      return whys.find((why) => why !== undefined) ?? withoutWay(links)
    },
    provoke: () => knock(links, options, { times: 20, bytes: 1_000 }),
    by: (facts) => happened(facts, impairment),
    bit: (machine) => `packets from ${machine.name} are impaired`,
    ended: (machine) => `table, program and qdisc on ${machine.name} are gone`,
    held: ({ held }) => held === true,
  })
}

function impairmentOf(options: Degradation): Impairment {
  const { latency, jitter, loss, reorder, reorderBy = '10ms', duplicate, corrupt, checksums, rate, seed } = options
  refuseWithoutEffect(options)
  const impairment: Impairment = {
    ...(latency === undefined ? {} : { delayMs: durationMs(latency) }),
    ...(jitter === undefined ? {} : { jitterMs: durationMs(jitter) }),
    ...(loss === undefined ? {} : { lossPercent: loss }),
    ...(reorder === undefined ? {} : { reorderPercent: reorder, reorderMs: durationMs(reorderBy) }),
    ...(duplicate === undefined ? {} : { duplicatePercent: duplicate }),
    ...(corrupt === undefined ? {} : { corruptPercent: corrupt }),
    ...(corrupt !== undefined && checksums === 'mended' ? { mendChecksums: true } : {}),
    ...(rate === undefined ? {} : { rateBytesPerSecond: rate, backlogMs: 1_000 }),
  }
  return { ...impairment, ...(seed === undefined ? {} : { seed }) }
}

/** Longer than any connection waits, and far below netem's limit. */
const longestDelayMs = 3_600_000

/** @throws HoldfastError HF_BAD_OPTION for an option without effect, and for no option at all */
function refuseWithoutEffect({ latency, jitter, reorderBy, ...rest }: Degradation): void {
  const { loss, reorder, duplicate, corrupt, rate, checksums } = rest
  const times = Object.entries({ latency, jitter, reorderBy }).flatMap(([name, text]) =>
    text === undefined ? [] : [[name, durationMs(text), text] as const],
  )
  for (const [name, ms, text] of times)
    hasEffect('impair', name, ms > 0 && ms <= longestDelayMs, text, 'above 0 and at most 1 hour')
  for (const [name, value] of Object.entries({ loss, reorder, duplicate, corrupt })) {
    if (value !== undefined) hasEffect('impair', name, value > 0 && value <= 100, value, 'above 0 and at most 100')
  }
  if (rate !== undefined) hasEffect('impair', 'rate', rate > 0, rate)
  if (reorderBy !== undefined) hasEffect('impair', 'reorderBy', reorder !== undefined, reorderBy, 'beside reorder')
  if (checksums !== undefined) hasEffect('impair', 'checksums', corrupt !== undefined, checksums, 'beside corrupt')
  if ([latency, jitter, loss, reorder, duplicate, corrupt, rate].every((one) => one === undefined)) {
    throw noEffect('Invalid options for impair: expected at least one impairment, got none.', {
      hint: 'Set at least one of latency, jitter, loss, reorder, duplicate, corrupt and rate.',
    })
  }
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
  const found = JSON.parse(await printed(machine, ['tc', '-j', 'qdisc', 'show'])) as { kind: string; root?: boolean }[]
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
  return holds(machine, `unshare --net true || exit 2; unshare --net sh -c '${command}' && exit 0 || exit 1`)
}

const percent = z.number().gt(0).max(100)

export const impairKind = faultKind({
  name: 'impair',
  group: 'network',
  describe:
    'Delays, loses, reorders, duplicates, corrupts or rate-limits packets between the first machine and the others',
  hits: 'group',
  evidence: {
    bit: 'the rules have matched packets of each pair, and each impairment has affected some',
    ended: 'table, program and qdisc are gone, and they existed until then',
  },
  lacking: () => Promise.resolve(kernelLacks(['netem', 'NFQUEUE'])),
  options: z.object({
    latency: z.string().optional().describe('delay of each packet, for example 50ms'),
    jitter: z.string().optional().describe('variation of the delay, plus or minus'),
    loss: percent.optional().describe('percent of packets that are lost'),
    reorder: percent.optional().describe('percent of packets that later ones overtake'),
    duplicate: percent.optional().describe('percent of packets that arrive twice'),
    corrupt: percent.optional().describe('percent of packets in which one bit is flipped'),
    checksums: z
      .enum(['broken', 'mended'])
      .optional()
      .describe('of corrupted packets: the receiver drops `broken` and accepts `mended`'),
    rate: z.number().positive().optional().describe('bytes a second'),
    ...trafficOptions,
  }),
  make: ([first, ...rest], options) => {
    const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
    return impair(first ? isolated(first, rest) : [], given)
  },
})
