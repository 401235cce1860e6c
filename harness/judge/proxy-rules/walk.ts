import type { Fate, Outcome, Packet, Protocol } from './packet.ts'

/** One rule that a packet meets: the first one of a chain is 1. */
export interface Step {
  readonly chain: string
  readonly rule: number
}

/** What became of a part of a packet's chances, and on which way. */
export interface Leaf extends Outcome {
  /** The rules on the way, outermost first. */
  readonly trail: readonly Step[]
  /** The last one of them that drew at random. */
  readonly drawn?: Step
  /** Lists in which the sender was noted down on the way. */
  readonly noted: readonly string[]
}

/** An address that some rule names. A `node port` names none. */
export interface Named {
  readonly address: string | undefined
  readonly protocol: Protocol
  readonly port: number
  /** The rule, or the map's element, in words. */
  readonly rule: string
}

/** One machine's rules, to be asked what they do with a packet. */
export interface KernelRules {
  readonly mode: 'iptables' | 'nftables'
  /**
   * Follows a packet through the chains; `memory` are lists in which its sender is noted down already. Whether a packet of such
   * a sender is masqueraded is not told.
   */
  walk(packet: Packet, memory: ReadonlySet<string>): Leaf[]
  /** Every address that kube-proxy's rules say something about. */
  named(): Named[]
}

/** What a reader of rules has at hand while it follows one packet. */
export interface Walk {
  readonly packet: Packet
  readonly memory: ReadonlySet<string>
  readonly leaves: Leaf[]
  /** Let through by a rule: done with the hook that it came by. */
  readonly accepted: Traveller[]
}

const nothing: ReadonlySet<string> = new Set()

/** What the rules do with a packet, and which ones. */
export type Met = Omit<Leaf, 'noted'>

/** What the rules do with a packet, and whether they do the same again with a sender who came before. */
export function fateIn(rules: KernelRules, packet: Packet): Met[] {
  return joined(rules.walk(packet, nothing)).map(({ noted, ...leaf }) => {
    if (noted.length === 0) return leaf
    const again = rules.walk(packet, new Set(noted))
    const [first] = again
    if (first?.stickySeconds === undefined || again.some(({ to }) => to !== leaf.to)) return leaf
    return { ...leaf, stickySeconds: first.stickySeconds }
  })
}

/** The same endpoint may be reached on several ways. */
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

/** A part of a packet's chances on its way through the chains. */
export interface Traveller {
  readonly share: number
  readonly mark: number
  readonly noted: readonly string[]
  readonly stickySeconds?: number
  /** The last rule that left it to chance. */
  readonly drawn?: Step
}

export const departing: Traveller = { share: 1, mark: 0, noted: [] }

/** Travellers that differ in nothing go on as one. */
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

/** The hooks that a packet comes by after addresses were rewritten, if its own was not. */
export function laterHooks({ from }: Packet, toMachine: boolean): ('input' | 'forward' | 'output')[] {
  if (from !== 'machine') return [toMachine ? 'input' : 'forward']
  return toMachine ? ['output', 'input'] : ['output']
}
