import { inRange } from '../address-range.ts'
import type { IptablesRule, IptablesSave } from './iptables-save.ts'
import type { Packet, Protocol } from '../packet.ts'
import type { ProxyMachine } from '../service-port.ts'
import { unreadable } from './unreadable.ts'
import {
  type RuleSet,
  type Leaf,
  type Named,
  type Step,
  type Traveller,
  type Walk,
  departing,
  laterHooks,
  together,
} from './walk.ts'

type Chains = ReadonlyMap<string, readonly IptablesRule[]>

const none: Chains = new Map()
/** Shorter chains are scanned faster than indexed. */
const worthAnIndex = 24

/** The rules of a kube-proxy in mode iptables, from what `iptables-save` prints of the tables nat and filter. */
export function iptablesRules(save: IptablesSave, machine: ProxyMachine): RuleSet {
  return new IptablesRules(save, machine)
}

class IptablesRules implements RuleSet {
  readonly mode = 'iptables'
  readonly #nat: Chains
  readonly #filter: Chains
  readonly #machine: ProxyMachine
  readonly #indices = new Map<readonly IptablesRule[], (packet: Packet) => readonly IptablesRule[]>()

  constructor(save: IptablesSave, machine: ProxyMachine) {
    this.#nat = save.get('nat') ?? none
    this.#filter = save.get('filter') ?? none
    this.#machine = machine
  }

  walk(packet: Packet, memory: ReadonlySet<string>): Leaf[] {
    const walk: Walk = { packet, memory, leaves: [], accepted: [] }
    const entry = packet.from === 'machine' ? 'OUTPUT' : 'PREROUTING'
    let left = this.#past(this.#nat, entry, [departing], walk)
    for (const hook of laterHooks(packet, packet.destination === this.#machine.address)) {
      left = this.#past(this.#filter, hook.toUpperCase(), left, walk)
    }
    for (const { share } of left) {
      walk.leaves.push({ to: 'untouched', share, masquerade: false, noted: [], trail: [] })
    }
    return walk.leaves
  }

  named(): Named[] {
    const from = (chains: Chains, chain: string): Named[] =>
      (chains.get(chain) ?? []).flatMap(({ at, destination, destinationLocal, port, protocol, target }) => {
        const local = chain === 'KUBE-NODEPORTS' || destinationLocal === true
        if (port === undefined || target === 'ACCEPT' || (!local && !destination)) return []
        const address = local ? undefined : destination?.range.replace('/32', '')
        return [{ address, protocol: protocol as Protocol, port, rule: `rule ${at} of ${chain}` }]
      })
    return [
      ...from(this.#nat, 'KUBE-SERVICES'),
      ...from(this.#nat, 'KUBE-NODEPORTS'),
      ...from(this.#filter, 'KUBE-SERVICES'),
      ...from(this.#filter, 'KUBE-EXTERNAL-SERVICES'),
    ]
  }

  #past(chains: Chains, hook: string, travellers: readonly Traveller[], walk: Walk): Traveller[] {
    const out = this.#through(chains, hook, travellers, walk, [])
    return together([...out, ...walk.accepted.splice(0)])
  }

  /** Returns the travellers that reach the chain's end; the others have ended in a leaf. */
  #through(
    chains: Chains,
    name: string,
    travellers: readonly Traveller[],
    walk: Walk,
    trail: readonly Step[],
  ): Traveller[] {
    const outermost = trail.length === 0
    let going: readonly Traveller[] = travellers
    const returned: Traveller[] = []
    for (const rule of this.#rulesFor(chains.get(name) ?? [], walk.packet)) {
      if (going.length === 0) break
      // Other programs' chains are not judged.
      if (outermost && !rule.target?.startsWith('KUBE-')) continue
      const next: Traveller[] = []
      for (const traveller of going) {
        const chance = this.#chance(rule, traveller, walk, name)
        if (chance === 0) {
          next.push(traveller)
          continue
        }
        const step = { chain: name, rule: rule.at }
        const here = [...trail, step]
        const drawn = chance < 1 ? { drawn: step } : {}
        if (chance < 1) next.push({ ...traveller, share: traveller.share * (1 - chance), ...drawn })
        const hit = this.#touched(rule, { ...traveller, share: traveller.share * chance, ...drawn })
        const { target = 'CONTINUE' } = rule
        if (target === 'CONTINUE' || target === 'MARK') next.push(hit)
        else if (target === 'RETURN') returned.push(hit)
        else if (target === 'ACCEPT') walk.accepted.push(hit)
        else if (target === 'DNAT') walk.leaves.push(this.#arrival(rule.to ?? '', hit, walk, here))
        else if (target === 'DROP' || target === 'REJECT') {
          const to = target.toLowerCase()
          walk.leaves.push({ to, share: hit.share, masquerade: false, noted: hit.noted, trail: here })
        } else if (chains.has(target)) next.push(...this.#through(chains, target, [hit], walk, here))
        else throw unreadable(`target ${target}`, name)
      }
      going = together(next)
    }
    return together([...going, ...returned])
  }

  /** The probability that a rule's conditions match. */
  #chance(rule: IptablesRule, { mark }: Traveller, { packet, memory }: Walk, chain: string): number {
    const { source, destination, protocol, port } = rule
    if (protocol !== undefined && protocol !== packet.protocol) return 0
    if (port !== undefined && port !== packet.port) return 0
    if (destination && inRange(packet.destination, destination.range) === destination.not) return 0
    if (source && inRange(packet.source, source.range) === source.not) return 0
    if (rule.destinationLocal !== undefined && this.#isLocal(packet.destination) !== rule.destinationLocal) return 0
    if (rule.sourceLocal !== undefined && this.#isLocal(packet.source) !== rule.sourceLocal) return 0
    if (rule.states && rule.states.names.includes('NEW') === rule.states.not) return 0
    if (rule.mark && ((mark & rule.mark.mask) === rule.mark.value) === rule.mark.not) return 0
    if (rule.noted && !memory.has(rule.noted.list)) return 0
    if (rule.strange !== undefined) throw unreadable(rule.strange, chain)
    return rule.probability ?? 1
  }

  /** What a rule changes on a traveller that matches its conditions. */
  #touched({ setMark, note, noted }: IptablesRule, traveller: Traveller): Traveller {
    if (!setMark && note === undefined && !noted) return traveller
    return {
      ...traveller,
      ...(setMark ? { mark: ((traveller.mark & ~setMark.mask) ^ setMark.value) >>> 0 } : {}),
      ...(note === undefined ? {} : { noted: [...traveller.noted, note] }),
      ...(noted ? { stickySeconds: noted.seconds } : {}),
    }
  }

  #arrival(to: string, traveller: Traveller, { packet, memory }: Walk, trail: readonly Step[]): Leaf {
    const { share, noted, stickySeconds, drawn } = traveller
    const sticky = stickySeconds === undefined ? {} : { stickySeconds }
    // Evaluated only for a returning sender.
    const masquerade = memory.size === 0 && this.#masquerades(traveller, to, packet)
    return { to, share, masquerade, noted, trail, ...sticky, ...(drawn ? { drawn } : {}) }
  }

  /** Follows a packet with a rewritten destination out of the machine. */
  #masquerades({ mark }: Traveller, to: string, packet: Packet): boolean {
    const [destination = '', port = ''] = to.split(':')
    const rewritten = { ...packet, destination, port: Number(port) }
    const walk: Walk = { packet: rewritten, memory: new Set(), leaves: [], accepted: [] }
    const along = (name: string, traveller: Traveller, outermost: boolean): boolean | Traveller => {
      let going = traveller
      for (const rule of this.#nat.get(name) ?? []) {
        if (outermost && !rule.target?.startsWith('KUBE-')) continue
        if (this.#chance(rule, going, walk, name) === 0) continue
        if (rule.target === 'MASQUERADE') return true
        if (rule.target === 'RETURN') return going
        going = this.#touched(rule, going)
        if (rule.target === undefined || rule.target === 'MARK') continue
        if (!this.#nat.has(rule.target)) throw unreadable(`target ${rule.target}`, name)
        const out = along(rule.target, going, false)
        if (typeof out === 'boolean') return out
        going = out
      }
      return going
    }
    return along('POSTROUTING', { share: 1, mark, noted: [] }, true) === true
  }

  #isLocal(address: string): boolean {
    return address === this.#machine.address || inRange(address, '127.0.0.0/8')
  }

  /** The rules of a chain that can apply to a packet, in their order. */
  #rulesFor(rules: readonly IptablesRule[], packet: Packet): readonly IptablesRule[] {
    if (rules.length < worthAnIndex) return rules
    let snapshot = this.#indices.get(rules)
    if (!snapshot) this.#indices.set(rules, (snapshot = indexed(rules)))
    return snapshot(packet)
  }
}

/** Rules for one address and one port are looked up by them; the other rules apply to every packet. */
function indexed(rules: readonly IptablesRule[]): (packet: Packet) => readonly IptablesRule[] {
  const keyed = new Map<string, number[]>()
  const common: number[] = []
  for (const [n, { destination, port, protocol }] of rules.entries()) {
    const exact = destination && !destination.not && destination.range.endsWith('/32')
    const address = exact ? destination.range.slice(0, -3) : destination ? undefined : '*'
    if (address === undefined || port === undefined || protocol === undefined) common.push(n)
    else {
      const key = `${address} ${protocol} ${port}`
      const known = keyed.get(key)
      if (known) known.push(n)
      else keyed.set(key, [n])
    }
  }
  return ({ destination, protocol, port }) => {
    const own = [
      ...(keyed.get(`${destination} ${protocol} ${port}`) ?? []),
      ...(keyed.get(`* ${protocol} ${port}`) ?? []),
    ]
    return [...own, ...common].sort((a, b) => a - b).flatMap((n) => rules[n] ?? [])
  }
}
