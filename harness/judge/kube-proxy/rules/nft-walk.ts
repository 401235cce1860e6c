import { inRange } from '../address-range.ts'
import { type Json, type NftChain, type NftTable, elementKey, inside, listOf, textOf, verdicts } from './nft-json.ts'
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

/** Whether a packet is marked for masquerading is known only at its end. */
interface NftWalk extends Walk {
  masqueraded: boolean
}

/** The result of a rule for a traveller: on to the next rule, or elsewhere. */
type Verdict = { readonly traveller: Traveller; readonly verdict?: Json }

/** The rules of a kube-proxy in mode nftables, from its own table. */
export function nftRules(table: NftTable, machine: ProxyMachine): RuleSet {
  return new NftRules(table, machine)
}

class NftRules implements RuleSet {
  readonly mode = 'nftables'
  readonly #table: NftTable
  readonly #machine: ProxyMachine
  /** Chains by their hook, in the order in which packets pass them. */
  readonly #hooks: ReadonlyMap<string | undefined, readonly NftChain[]>

  constructor(table: NftTable, machine: ProxyMachine) {
    this.#table = table
    this.#machine = machine
    const inOrder = [...table.chains.values()].sort((a, b) => a.priority - b.priority)
    this.#hooks = Map.groupBy(inOrder, ({ hook }) => hook)
  }

  walk(packet: Packet, memory: ReadonlySet<string>): Leaf[] {
    const walk: NftWalk = { packet, memory, leaves: [], accepted: [], masqueraded: false }
    const hooks = laterHooks(packet, packet.destination === this.#machine.address)
    let left: Traveller[] = [departing]
    for (const hook of packet.from === 'machine' ? hooks : ['prerouting', ...hooks]) {
      for (const { name } of this.#hooked(hook)) {
        left = this.#through(name, left, walk, [])
        left = together([...left, ...walk.accepted.splice(0)])
      }
    }
    for (const { share } of left) {
      walk.leaves.push({ to: 'untouched', share, masquerade: false, noted: [], trail: [] })
    }
    return walk.leaves
  }

  named(): Named[] {
    const from = (chain: string, hasAddress: boolean): Named[] =>
      [...(this.#table.maps.get(chain)?.keys() ?? [])].map((key) => {
        const [address, protocol, port] = hasAddress ? key.split(' . ') : [undefined, ...key.split(' . ')]
        return { address, protocol: protocol as Protocol, port: Number(port), rule: `an element of ${chain}` }
      })
    return [
      ...from('service-ips', true),
      ...from('no-endpoint-services', true),
      ...from('service-nodeports', false),
      ...from('no-endpoint-nodeports', false),
    ]
  }

  #hooked(hook: string): readonly NftChain[] {
    return this.#hooks.get(hook) ?? []
  }

  /** Returns the travellers that reach the chain's end; the others have ended in a leaf. */
  #through(name: string, travellers: readonly Traveller[], walk: NftWalk, trail: readonly Step[]): Traveller[] {
    let going: readonly Traveller[] = travellers
    const done: Traveller[] = []
    const chain = this.#table.chains.get(name)
    if (!chain) throw unreadable(`no chain ${name}`, trail.at(-1)?.chain ?? name)
    for (const [n, rule] of chain.rules.entries()) {
      if (going.length === 0) break
      const here = [...trail, { chain: name, rule: n + 1 }]
      const next: Traveller[] = []
      for (const one of going) {
        for (const { traveller, verdict } of this.#rule(rule, one, walk, here)) {
          const target = inside(inside(verdict, 'jump'), 'target') ?? inside(inside(verdict, 'goto'), 'target')
          if (verdict === undefined) next.push(traveller)
          else if (typeof target === 'string') {
            const out = this.#through(target, [traveller], walk, here)
            // A traveller that was sent by `goto` returns to the caller of this chain.
            ;(inside(verdict, 'goto') === undefined ? next : done).push(...out)
          } else if (inside(verdict, 'return') !== undefined) done.push(traveller)
          else if (inside(verdict, 'accept') !== undefined) walk.accepted.push(traveller)
          else if (inside(verdict, 'drop') !== undefined) walk.leaves.push(refused('drop', traveller, here))
          else if (inside(verdict, 'reject') !== undefined) walk.leaves.push(refused('reject', traveller, here))
          else throw unreadable(JSON.stringify(verdict), name)
        }
      }
      going = together(next)
    }
    return together([...going, ...done])
  }

  /** All possible travellers after a rule: random choices split a traveller. */
  #rule(rule: readonly Json[], traveller: Traveller, walk: NftWalk, trail: readonly Step[]): Verdict[] {
    let now = traveller
    for (const statement of rule) {
      const [kind = ''] = Object.keys(statement as object)
      const body = inside(statement, kind)
      switch (kind) {
        case 'match': {
          const held = this.#holds(body ?? null, now, walk, trail)
          if (!held) return [{ traveller: now }]
          if (held !== true) now = { ...now, stickySeconds: held.seconds }
          break
        }
        case 'mangle':
          now = { ...now, mark: Number(this.#value(inside(body, 'value') ?? null, now, walk, trail)) }
          break
        case 'set':
          now = { ...now, noted: [...now.noted, textOf(inside(body, 'set')).slice(1)] }
          break
        case 'vmap':
          return this.#choices(inside(body, 'key') ?? null, inside(body, 'data') ?? null, now, walk, trail).map(
            ({ traveller: one, chosen }) => ({ traveller: one, ...(chosen === undefined ? {} : { verdict: chosen }) }),
          )
        case 'dnat':
          return this.#rewrite(body ?? null, now, walk, trail)
        case 'masquerade':
          walk.masqueraded = true
          return []
        case 'counter':
          break
        default:
          return [{ traveller: now, verdict: statement }]
      }
    }
    return [{ traveller: now }]
  }

  #rewrite(body: Json, traveller: Traveller, walk: NftWalk, trail: readonly Step[]): Verdict[] {
    const map = inside(inside(body, 'addr'), 'map')
    const arrive = (to: string, one: Traveller): void => {
      const { share, noted, stickySeconds, drawn } = one
      const sticky = stickySeconds === undefined ? {} : { stickySeconds }
      // Evaluated only for a returning sender.
      const masquerade = walk.memory.size === 0 && this.#masquerades(one, to, walk.packet)
      walk.leaves.push({ to, share, masquerade, noted, trail, ...sticky, ...(drawn ? { drawn } : {}) })
    }
    if (map === undefined) {
      arrive(`${textOf(inside(body, 'addr'))}:${textOf(inside(body, 'port'))}`, traveller)
      return []
    }
    return this.#choices(inside(map, 'key') ?? null, inside(map, 'data') ?? null, traveller, walk, trail).flatMap(
      ({ traveller: one, chosen }) => {
        // A number that is in no element ends the rule, and the packet continues behind it.
        if (chosen === undefined) return [{ traveller: one }]
        arrive(elementKey(chosen).replace(' . ', ':'), one)
        return []
      },
    )
  }

  /** The results of a map for a key: one for a fixed key, one for each randomly drawn number. */
  #choices(
    key: Json,
    data: Json,
    traveller: Traveller,
    walk: NftWalk,
    trail: readonly Step[],
  ): { readonly traveller: Traveller; readonly chosen: Json | undefined }[] {
    const generator = inside(key, 'numgen')
    if (generator === undefined) {
      const map = typeof data === 'string' ? this.#table.maps.get(data.slice(1)) : undefined
      if (!map) throw unreadable(JSON.stringify(data), trail.at(-1)?.chain ?? '')
      return [{ traveller, chosen: map.get(this.#value(key, traveller, walk, trail)) }]
    }
    const mod = Number(inside(generator, 'mod'))
    const offset = Number(inside(generator, 'offset') ?? 0)
    const elements = verdicts(listOf(inside(data, 'set')))
    const drawn = trail.at(-1)
    const one = { ...traveller, share: traveller.share / mod, ...(drawn ? { drawn } : {}) }
    return Array.from({ length: mod }, (_, n) => ({ traveller: one, chosen: elements.get(String(n + offset)) }))
  }

  /** Whether a match applies; for a list of senders that contains this one, its timeout. */
  #holds(match: Json, traveller: Traveller, walk: NftWalk, trail: readonly Step[]): boolean | { seconds: number } {
    const [left, right] = [inside(match, 'left') ?? null, inside(match, 'right') ?? null]
    const name = typeof right === 'string' && right.startsWith('@') ? right.slice(1) : undefined
    const set = name === undefined ? undefined : this.#table.sets.get(name)
    if (name !== undefined && !set) throw unreadable(`no set ${name}`, trail.at(-1)?.chain ?? '')
    if (name !== undefined && set?.timeoutSeconds !== undefined) {
      return walk.memory.has(name) && { seconds: set.timeoutSeconds }
    }
    const value = this.#value(left, traveller, walk, trail)
    const inlined = inside(right, 'set')
    const among = set ? [] : inlined === undefined ? [elementKey(right)] : listOf(inlined).map(elementKey)
    const held = set?.elements.has(value) || among.some((one) => one === value || isRangeOf(one, value))
    return held !== (inside(match, 'op') === '!=')
  }

  /** The value of an expression for a packet, as text. */
  #value(expression: Json, traveller: Traveller, walk: NftWalk, trail: readonly Step[]): string {
    const { packet } = walk
    const of = (inner: Json): string => this.#value(inner, traveller, walk, trail)
    if (typeof expression === 'number' || typeof expression === 'string') return String(expression)
    const [kind = ''] = Object.keys(expression ?? {})
    const body = inside(expression, kind) ?? null
    const operands = (): [number, number] => {
      const [a, b] = listOf(body).map((one) => Number(of(one)))
      return [a ?? NaN, b ?? NaN]
    }
    switch (kind) {
      case 'concat':
        return listOf(body).map(of).join(' . ')
      case '|':
        return String((operands()[0] | operands()[1]) >>> 0)
      case '&':
        return String((operands()[0] & operands()[1]) >>> 0)
      case '^':
        return String((operands()[0] ^ operands()[1]) >>> 0)
      case 'payload':
        if (inside(body, 'field') === 'saddr') return packet.source
        if (inside(body, 'field') === 'daddr') return packet.destination
        if (inside(body, 'field') === 'dport') return String(packet.port)
        break
      case 'meta':
        if (inside(body, 'key') === 'l4proto') return packet.protocol
        if (inside(body, 'key') === 'mark') return String(traveller.mark)
        break
      case 'ct':
        if (inside(body, 'key') === 'state') return 'new'
        // Needed only where an address was rewritten.
        if (inside(body, 'key') === 'status') return 'dnat'
        break
      case 'fib': {
        const flags = listOf(inside(body, 'flags'))
        if (inside(body, 'result') !== 'type' || flags.length !== 1) break
        const address = flags[0] === 'daddr' ? packet.destination : packet.source
        return address === this.#machine.address || inRange(address, '127.0.0.0/8') ? 'local' : 'unicast'
      }
    }
    throw unreadable(JSON.stringify(expression), trail.at(-1)?.chain ?? '')
  }

  /** Follows a packet with a rewritten destination out of the machine. */
  #masquerades({ mark }: Traveller, to: string, packet: Packet): boolean {
    const [destination = '', port = ''] = to.split(':')
    const rewritten = { ...packet, destination, port: Number(port) }
    const walk: NftWalk = { packet: rewritten, memory: new Set(), leaves: [], accepted: [], masqueraded: false }
    for (const { name } of this.#hooked('postrouting')) this.#through(name, [{ share: 1, mark, noted: [] }], walk, [])
    return walk.masqueraded
  }
}

/** Addresses may match by range; a port or a protocol never does. */
function isRangeOf(range: string, address: string): boolean {
  return range.includes('/') && inRange(address, range)
}

function refused(to: 'drop' | 'reject', { share, noted }: Traveller, trail: readonly Step[]): Leaf {
  return { to, share, masquerade: false, noted, trail }
}
