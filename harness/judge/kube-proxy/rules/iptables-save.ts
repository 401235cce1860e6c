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
    mapped(chains, (rules) => rules.map((rule, n) => ruleOf(tokensOf(rule).slice(2), n + 1))),
  )
}

function mapped<From, To>(from: ReadonlyMap<string, From>, to: (one: From) => To): Map<string, To> {
  return new Map([...from].map(([name, one]) => [name, to(one)]))
}

/** Splits as a shell would: only comments are ever quoted. */
function tokensOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '')
}

/** A rule, and what several of its options state together. */
interface Draft {
  readonly rule: IptablesRule
  readonly strange: string[]
  list: string
  seconds: number
  recent?: 'set' | 'rcheck'
}

type Setter = (draft: Draft, value: string, not: boolean) => void

const ignore = (): void => undefined

const withValue: ReadonlyMap<string, Setter> = new Map<string, Setter>([
  ['-s', ({ rule }, range, not) => (rule.source = { not, range })],
  ['-d', ({ rule }, range, not) => (rule.destination = { not, range })],
  ['-p', ({ rule }, value) => (rule.protocol = value)],
  ['--dport', ({ rule }, value) => (rule.port = Number(value))],
  ['--src-type', ({ rule, strange }, value, not) => (rule.sourceLocal = localOf(value, strange) !== not)],
  ['--dst-type', ({ rule, strange }, value, not) => (rule.destinationLocal = localOf(value, strange) !== not)],
  ['--ctstate', ({ rule }, value, not) => (rule.states = { not, names: value.split(',') })],
  ['--mark', ({ rule }, value, not) => (rule.mark = { not, ...masked(value) })],
  ['--probability', ({ rule }, value) => (rule.probability = Number(value))],
  ['--comment', ({ rule }, value) => (rule.comment = value)],
  ['--name', (draft, value) => (draft.list = value)],
  ['--seconds', (draft, value) => (draft.seconds = Number(value))],
  ['-j', ({ rule }, value) => (rule.target = value)],
  [
    '-g',
    ({ rule, strange }, value) => {
      strange.push('-g')
      rule.target = value
    },
  ],
  ['--to-destination', ({ rule }, value) => (rule.to = value)],
  ['--set-xmark', ({ rule }, value) => (rule.setMark = masked(value))],
  // Their options identify modules; these options do not change where packets go.
  ...['-m', '--mode', '--mask', '--reject-with', '--nfacct-name'].map((name) => [name, ignore] as const),
])

const withoutValue: ReadonlyMap<string, (draft: Draft) => void> = new Map<string, (draft: Draft) => void>([
  ['--set', (draft) => (draft.recent = 'set')],
  ['--rcheck', (draft) => (draft.recent = 'rcheck')],
  ...['--reap', '--rsource', '--random-fully'].map((name) => [name, ignore] as const),
])

function ruleOf(tokens: readonly string[], at: number): IptablesRule {
  const draft: Draft = { rule: { at }, strange: [], list: '', seconds: 0 }
  const { rule, strange } = draft
  let not = false
  for (let n = 0; n < tokens.length; n++) {
    const word = tokens[n] ?? ''
    if (word === '!') {
      not = true
      continue
    }
    const set = withValue.get(word)
    const flag = withoutValue.get(word)
    if (set) set(draft, tokens[++n] ?? '', not)
    else if (flag) flag(draft)
    else strange.push(word)
    not = false
  }
  if (draft.recent === 'set') rule.note = draft.list
  if (draft.recent === 'rcheck') rule.noted = { list: draft.list, seconds: draft.seconds }
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
