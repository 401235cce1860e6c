import type { Fate, Outcome, Packet, Protocol } from '../packet.ts'

/** One rule that a packet meets: the first one of a chain is 1. */
export interface Step {
  readonly chain: string
  readonly rule: number
}

/** The fate of a share of a packet, and its path. */
export interface Leaf extends Outcome {
  /** The rules on the path, outermost first. */
  readonly trail: readonly Step[]
  /** The last of them that chose at random. */
  readonly drawn?: Step
  /** Lists in which the sender was recorded on the path. */
  readonly noted: readonly string[]
}

/** An address that some rule names. A `node port` names none. */
export interface Named {
  readonly address: string | undefined
  readonly protocol: Protocol
  readonly port: number
  /** The rule, or the map's element, as text. */
  readonly rule: string
}

/** One machine's rules. */
export interface RuleSet {
  readonly mode: 'iptables' | 'nftables'
  /**
   * Follows a packet through the chains; `memory` are lists that already contain its sender. Whether a packet of such a
   * sender is masqueraded is not determined.
   */
  walk(packet: Packet, memory: ReadonlySet<string>): Leaf[]
  /** Every address that a rule of kube-proxy names. */
  named(): Named[]
}

/** The state of a parser's walk while it follows one packet. */
export interface Walk {
  readonly packet: Packet
  readonly memory: ReadonlySet<string>
  readonly leaves: Leaf[]
  /** Accepted by a rule: done with the current hook. */
  readonly accepted: Traveller[]
}

const nothing: ReadonlySet<string> = new Set()

/** The fate of a packet in the rules, with the deciding rules. */
export type Met = Omit<Leaf, 'noted'>

/** The fate of a packet in the rules, and whether a returning sender has the same fate. */
export function fateIn(rules: RuleSet, packet: Packet): Met[] {
  return joined(rules.walk(packet, nothing)).map(({ noted, ...leaf }) => {
    if (noted.length === 0) return leaf
    const again = rules.walk(packet, new Set(noted))
    const [first] = again
    if (first?.stickySeconds === undefined || again.some(({ to }) => to !== leaf.to)) return leaf
    return { ...leaf, stickySeconds: first.stickySeconds }
  })
}

/** Several paths may lead to the same endpoint. */
function joined(leaves: readonly Leaf[]): Leaf[] {
  const found = new Map<string, Leaf>()
  for (const leaf of leaves) {
    const key = `${leaf.to} ${leaf.masquerade}`
    const known = found.get(key)
    found.set(key, known ? { ...known, share: known.share + leaf.share } : leaf)
  }
  return [...found.values()]
}

export function withoutTrail(fate: readonly Met[]): Fate {
  return fate.map(({ trail: _, drawn: __, ...outcome }) => outcome)
}

/** A share of a packet on its way through the chains. */
export interface Traveller {
  readonly share: number
  readonly mark: number
  readonly noted: readonly string[]
  readonly stickySeconds?: number
  /** The last rule that chose at random. */
  readonly drawn?: Step
}

export const departing: Traveller = { share: 1, mark: 0, noted: [] }

/** Merges equal travellers. */
export function together(travellers: readonly Traveller[]): Traveller[] {
  if (travellers.length < 2) return [...travellers]
  const found = new Map<string, Traveller>()
  for (const traveller of travellers) {
    const key = `${traveller.mark} ${traveller.stickySeconds} ${traveller.noted.join()}`
    const known = found.get(key)
    found.set(key, known ? { ...known, share: known.share + traveller.share } : traveller)
  }
  return [...found.values()]
}

/** The hooks that a packet passes after addresses were rewritten, if its own was not. */
export function laterHooks({ from }: Packet, toMachine: boolean): ('input' | 'forward' | 'output')[] {
  if (from !== 'machine') return [toMachine ? 'input' : 'forward']
  return toMachine ? ['output', 'input'] : ['output']
}
