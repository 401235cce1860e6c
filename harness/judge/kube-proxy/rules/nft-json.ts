import { z } from 'zod'
import { unreadable } from './unreadable.ts'

/*
 * The output of `nft -j list table ip kube-proxy` (or `list ruleset`): libnftables-json(5). Expressions are stored as
 * they are; the walk reads those that it supports and rejects the rest.
 */

/** Any JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json }

// The result of JSON.parse is Json: validating all of it again would dominate the reading time.
const json = z.custom<Json>(() => true)
const inTable = { family: z.string(), table: z.string() }
const schemas = {
  chain: z.object({ ...inTable, name: z.string(), hook: z.string().optional(), prio: z.number().default(0) }),
  rule: z.object({ ...inTable, chain: z.string(), expr: z.array(json) }),
  set: z.object({ ...inTable, name: z.string(), timeout: z.number().optional(), elem: z.array(json).default([]) }),
  map: z.object({ ...inTable, name: z.string(), elem: z.array(json).default([]) }),
}
const listing = z.object({ nftables: z.array(z.record(z.string(), json)) })

export interface NftChain {
  readonly name: string
  /** The chain's hook in the kernel; undefined for a chain that other chains jump to. */
  readonly hook: string | undefined
  readonly priority: number
  readonly rules: (readonly Json[])[]
}

export interface NftSet {
  readonly elements: ReadonlySet<string>
  /** How long an element stays; undefined for permanent ones. */
  readonly timeoutSeconds: number | undefined
}

export interface NftTable {
  readonly chains: ReadonlyMap<string, NftChain>
  readonly sets: ReadonlyMap<string, NftSet>
  /** Verdicts of named maps by their key. */
  readonly maps: ReadonlyMap<string, ReadonlyMap<string, Json>>
}

/** The table that kube-proxy keeps for IPv4. @throws HoldfastError HF_UNREADABLE_RULE */
export function parseNftTable(text: string): NftTable {
  const objects = read(listing, parsed(text)).nftables
  const all = <K extends keyof typeof schemas>(kind: K): z.infer<(typeof schemas)[K]>[] =>
    objects
      .flatMap((object) => (kind in object ? [read(schemas[kind], object[kind]) as z.infer<(typeof schemas)[K]>] : []))
      .filter(({ family, table }) => family === 'ip' && table === 'kube-proxy')
  const chains = new Map(
    all('chain').map(({ name, hook, prio }): [string, NftChain] => [name, { name, hook, priority: prio, rules: [] }]),
  )
  for (const { chain, expr } of all('rule')) chains.get(chain)?.rules.push(expr)
  const sets = all('set').map(({ name, elem, timeout }): [string, NftSet] => [
    name,
    { elements: new Set(elem.map(elementKey)), timeoutSeconds: timeout },
  ])
  const maps = all('map').map(({ name, elem }): [string, ReadonlyMap<string, Json>] => [name, verdicts(elem)])
  return { chains, sets: new Map(sets), maps: new Map(maps) }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw unreadable('invalid JSON', 'the whole listing')
  }
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value)
  if (!result.success) throw unreadable(z.prettifyError(result.error), 'the whole listing')
  return result.data
}

/** Pairs of a key and its value. */
export function verdicts(pairs: readonly Json[]): Map<string, Json> {
  return new Map(pairs.map((pair) => [elementKey(listOf(pair)[0] ?? null), listOf(pair)[1] ?? null]))
}

export function listOf(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}

/** The value of an object with that single key; undefined for everything else. */
export function inside(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  return (value as { readonly [key: string]: Json })[key]
}

/** An element as text: `10.96.0.1 . tcp . 443`, `10.0.0.0/8`. Its attributes (comments, ages) are left out. */
export function elementKey(element: Json): string {
  if (typeof element === 'string' || typeof element === 'number') return String(element)
  const bare = inside(element, 'elem')
  if (bare !== undefined) return elementKey(inside(bare, 'val') ?? null)
  const parts = inside(element, 'concat')
  if (parts !== undefined) return listOf(parts).map(elementKey).join(' . ')
  const prefix = inside(element, 'prefix')
  if (prefix !== undefined) return `${textOf(inside(prefix, 'addr'))}/${textOf(inside(prefix, 'len'))}`
  throw unreadable(JSON.stringify(element), 'a set or map')
}

/** A value that has to be a word or a number. @throws HoldfastError HF_UNREADABLE_RULE */
export function textOf(value: Json | undefined): string {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  throw unreadable(JSON.stringify(value), 'a place that requires a word or a number')
}
