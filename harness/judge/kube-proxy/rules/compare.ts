import type { Expectation } from './model.ts'
import { type Fate, type Packet, packetKey, formatPacket, refusals } from '../packet.ts'
import { anyPodIn } from '../destinations.ts'
import { type ProxyMachine, formatPort } from '../service-port.ts'
import { type RuleSet, type Met, type Named, type Step, fateIn } from './walk.ts'

/** One difference between a machine's rules and the requirements of its Services. */
export interface Difference {
  readonly machine: string
  /** `<namespace>/<name>:<port name> (tcp 80)`; '' for rules that no Service requires. */
  readonly service: string
  readonly packet: string
  /** The difference as text. */
  readonly what: string
  /** The wrong rule, or where a rule is missing: `rule 2 of KUBE-SVC-...`, `none in service-ips`. */
  readonly rule: string
}

/** The kernel stores a probability in 31 bits and prints ten digits of it. */
const tolerance = 1e-6

/** All differences between a machine's rules and the requirements of its Services. */
export function compare(expected: readonly Expectation[], rules: RuleSet, machine: ProxyMachine): Difference[] {
  const wrong = expected.flatMap(({ port, packet, fate }) => {
    const found = fateIn(rules, packet)
    return discrepancies(fate, found).map(({ what, by }) => ({
      machine: machine.name,
      service: formatPort(port),
      packet: formatPacket(packet),
      what,
      rule: by ? `rule ${by.rule} of ${by.chain}` : `none in ${lacking(found, packet, rules.mode, machine)}`,
    }))
  })
  return [...wrong, ...unexpected(expected, rules, machine)]
}

/** A difference and the rule that causes it; undefined where a rule is missing. */
interface Discrepancy {
  readonly what: string
  readonly by: Step | undefined
}

function discrepancies(wanted: Fate, found: readonly Met[]): Discrepancy[] {
  const fits: Discrepancy[] = []
  for (const want of wanted) {
    const here = found.filter(({ to }) => to === want.to)
    const [one] = here
    if (!one) {
      fits.push({ what: isRefusal(want.to) ? `is not ${past(want.to)}` : `never goes to ${want.to}`, by: undefined })
      continue
    }
    const share = here.reduce((sum, each) => sum + each.share, 0)
    if (Math.abs(share - want.share) > tolerance) {
      const what = `${goes(want.to)} in ${percent(share)} instead of ${percent(want.share)}`
      fits.push({ what, by: one.drawn ?? one.trail.at(-1) })
    }
    const other = here.find(({ masquerade }) => masquerade !== want.masquerade)
    if (other) {
      const sender = want.masquerade ? "keeps its sender's address" : "loses its sender's address"
      fits.push({ what: `${sender} on the way to ${want.to}`, by: other.trail.at(-1) })
    }
    if (one.stickySeconds !== want.stickySeconds) {
      const [is, should] = [one.stickySeconds, want.stickySeconds].map((s) => (s === undefined ? 'not' : `for ${s} s`))
      fits.push({ what: `is bound to ${want.to} ${is} instead of ${should}`, by: one.trail.at(-1) })
    }
  }
  for (const one of found) {
    if (one.share > tolerance && !wanted.some(({ to }) => to === one.to)) {
      const what = `${goes(one.to)} in ${percent(one.share)} of all cases, and never should`
      fits.push({ what, by: one.trail.at(-1) })
    }
  }
  return fits
}

/** Rules for addresses that no Service has: Services that were deleted but whose rules remain. */
function unexpected(expected: readonly Expectation[], rules: RuleSet, machine: ProxyMachine): Difference[] {
  const known = new Set(expected.map(({ packet }) => packetKey({ ...packet, from: 'pod', source: '' })))
  const additional = new Map<string, { packet: Packet; named: Named }>()
  for (const named of rules.named()) {
    const { protocol, port } = named
    const packet: Packet = {
      from: 'pod',
      source: anyPodIn(machine.podRange),
      destination: named.address ?? machine.address,
      protocol,
      port,
    }
    if (!known.has(packetKey({ ...packet, source: '' }))) additional.set(packetKey(packet), { packet, named })
  }
  return [...additional.values()].map(({ packet, named }) => ({
    machine: machine.name,
    service: '',
    packet: formatPacket(packet),
    what: `meets rules (${fateIn(rules, packet)
      .map(({ to }) => goes(to))
      .join(', ')}), and no Service asks for any`,
    rule: named.rule,
  }))
}

/** Where a rule is missing: in the innermost chain that all paths to endpoints share, or else where paths begin. */
function lacking(
  found: readonly Met[],
  { destination }: Packet,
  mode: RuleSet['mode'],
  { address }: ProxyMachine,
): string {
  const arriving = found.filter(({ to }) => !isRefusal(to))
  const [first, ...others] = arriving.map(({ trail }) => trail.map(({ chain }) => chain))
  const shared = first?.findLast((name, n) => others.every((trail) => trail[n] === name))
  if (shared !== undefined) return shared
  if (mode === 'iptables') return destination === address ? 'KUBE-NODEPORTS' : 'KUBE-SERVICES'
  return destination === address ? 'service-nodeports' : 'service-ips'
}

const isRefusal = (to: string): boolean => refusals.some((one) => one === to)
const past = (to: string): string => (to === 'reject' ? 'rejected' : to === 'drop' ? 'dropped' : to)
const goes = (to: string): string => (isRefusal(to) ? `is ${past(to)}` : `goes to ${to}`)
const percent = (share: number): string => `${Number((share * 100).toPrecision(4))} %`
