import { iptablesChains } from '../../../common/iptables-chains.ts'
import { unreadable } from './unreadable.ts'

/** A condition on an address, with or without `!`. */
interface Ranged {
  readonly not: boolean
  readonly range: string
}

/** One rule of a chain: conditions, and its action where all of them match. */
export interface IptablesRule {
  /** Its place in its chain, from 1. */
  at: number
  source?: Ranged
  destination?: Ranged
  protocol?: string
  port?: number
  sourceLocal?: boolean
  destinationLocal?: boolean
  states?: { readonly not: boolean; readonly names: readonly string[] }
  mark?: { readonly not: boolean; readonly value: number; readonly mask: number }
  /** The probability that it matches at all. */
  probability?: number
  /** Matches a sender that was recorded in this list in the last `seconds`. */
  noted?: { readonly list: string; readonly seconds: number }
  /** Records the sender in this list. */
  note?: string
  comment?: string
  /** Conditions that the parser does not support: a packet that reaches them can't be followed. */
  strange?: string
  /** A chain or an action; absent for a rule that only matches. */
  target?: string
  /** Where it sends a packet (DNAT). */
  to?: string
  /** How it changes the packet's mark: clears the bits of `mask`, then applies XOR with `value`. */
  setMark?: { readonly value: number; readonly mask: number }
}

/** Chains of rules by table and name, as `iptables-save` prints them. */
export type IptablesSave = ReadonlyMap<string, ReadonlyMap<string, readonly IptablesRule[]>>

/** @throws HoldfastError HF_UNREADABLE_RULE for text that is not a dump of rules */
export function parseIptablesSave(text: string): IptablesSave {
  const tables = iptablesChains(text, (line) => {
    throw unreadable(line, 'no declared chain')
  })
  return mapped(tables, (chains) =>
    mapped(chains, (rules) => rules.map((rule, n) => ruleOf(wordsOf(rule).slice(2), n + 1))),
  )
}

function mapped<From, To>(from: ReadonlyMap<string, From>, to: (one: From) => To): Map<string, To> {
  return new Map([...from].map(([name, one]) => [name, to(one)]))
}

/** Splits as a shell would: only comments are ever quoted. */
function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

function ruleOf(words: readonly string[], at: number): IptablesRule {
  const rule: IptablesRule = { at }
  let not = false
  let list: string | undefined
  let seconds = 0
  let recent: 'set' | 'rcheck' | undefined
  const strange: string[] = []
  for (let n = 0; n < words.length; n++) {
    const word = words[n] ?? ''
    const take = (): string => words[++n] ?? ''
    switch (word) {
      case '!':
        not = true
        continue
      case '-s':
        rule.source = { not, range: take() }
        break
      case '-d':
        rule.destination = { not, range: take() }
        break
      case '-p':
        rule.protocol = take()
        break
      case '--dport':
        rule.port = Number(take())
        break
      case '--src-type':
        rule.sourceLocal = localOf(take(), strange) !== not
        break
      case '--dst-type':
        rule.destinationLocal = localOf(take(), strange) !== not
        break
      case '--ctstate':
        rule.states = { not, names: take().split(',') }
        break
      case '--mark':
        rule.mark = { not, ...masked(take()) }
        break
      case '--probability':
        rule.probability = Number(take())
        break
      case '--comment':
        rule.comment = take()
        break
      case '--name':
        list = take()
        break
      case '--seconds':
        seconds = Number(take())
        break
      case '--set':
        recent = 'set'
        break
      case '--rcheck':
        recent = 'rcheck'
        break
      case '-j':
      case '-g':
        if (word === '-g') strange.push('-g')
        rule.target = take()
        break
      case '--to-destination':
        rule.to = take()
        break
      case '--set-xmark':
        rule.setMark = masked(take())
        break
      // Their options identify modules; these options do not change where packets go.
      case '-m':
      case '--mode':
      case '--mask':
      case '--reject-with':
      case '--nfacct-name':
        take()
        break
      case '--reap':
      case '--rsource':
      case '--random-fully':
        break
      default:
        strange.push(word)
    }
    not = false
  }
  if (recent === 'set') rule.note = list ?? ''
  if (recent === 'rcheck') rule.noted = { list: list ?? '', seconds }
  if (strange.length > 0) rule.strange = strange.join(' ')
  return rule
}

function localOf(type: string, strange: string[]): boolean {
  if (type !== 'LOCAL') strange.push(type)
  return true
}

/** `0x4000/0x4000`; without a mask all bits count. */
function masked(text: string): { value: number; mask: number } {
  const [value = '', mask = '0xffffffff'] = text.split('/')
  return { value: Number(value), mask: Number(mask) }
}
