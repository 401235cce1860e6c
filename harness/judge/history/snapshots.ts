import type { ChangeLog } from './change-log.ts'
import type { Violation } from './history.ts'

/** A list of objects as one client got it, in one part or in several. */
export interface Listing {
  readonly id: number
  readonly client: string
  readonly via: string
  readonly call: number
  readonly end: number
  /** The revision that each part said it was of. */
  readonly parts: readonly number[]
  /** The revision that was asked for exactly; 0 for the newest. */
  readonly exactly: number
  readonly items: ReadonlyMap<string, { readonly revision: number; readonly value: string }>
}

export interface Snapshots {
  readonly violations: readonly Violation[]
  /** Those that were compared whole: of a revision that watches cover, from another list on. */
  readonly compared: readonly Listing[]
}

/** Every list is of one revision, and is what the watches say there was at it. */
export function snapshots(listings: readonly Listing[], log: ChangeLog): Snapshots {
  const violations = listings.flatMap(ofOneRevision)
  const compared: Listing[] = []
  for (const { from, until } of log.stretches) {
    const base = listings.find(({ parts }) => parts[0] === from)
    if (!base) continue
    const state = new Map(base.items)
    const changes = log.changes.filter(({ revision }) => revision > from)
    let next = 0
    for (const listing of inOrder(listings, from, until)) {
      const [revision = 0] = listing.parts
      for (let change; (change = changes[next]) && change.revision <= revision; next++) {
        if (change.value === '') state.delete(change.key)
        else state.set(change.key, change)
      }
      compared.push(listing)
      const difference = firstDifference(listing.items, state)
      if (difference) violations.push(broken('as the watch says', listing, `of ${revision} ${difference}`))
    }
  }
  return { violations, compared }
}

function inOrder(listings: readonly Listing[], from: number, until: number): Listing[] {
  return listings
    .filter(({ parts: [revision = 0] }) => revision >= from && revision <= until)
    .sort((a, b) => (a.parts[0] ?? 0) - (b.parts[0] ?? 0))
}

function ofOneRevision(listing: Listing): Violation[] {
  const [revision = 0] = listing.parts
  const apart = listing.parts.find((part) => part !== revision)
  if (apart !== undefined) return [broken('one snapshot', listing, `has parts of ${revision} and of ${apart}`)]
  if (listing.exactly === 0 || revision === listing.exactly) return []
  return [broken('the revision asked for', listing, `was asked for at ${listing.exactly} and is of ${revision}`)]
}

type Items = Listing['items']

function firstDifference(listed: Items, watched: Items): string | undefined {
  for (const [key, { revision, value }] of watched) {
    const item = listed.get(key)
    if (!item) return `lacks ${key}, which was ${value} at ${revision}`
    if (item.revision !== revision || item.value !== value) {
      return `has ${key} as ${item.value} at ${item.revision}, which was ${value} at ${revision}`
    }
  }
  for (const [key, { revision }] of listed)
    if (!watched.has(key)) return `has ${key} at ${revision}, which was not there`
  return undefined
}

function broken(rule: string, { client, via, id }: Listing, words: string): Violation {
  return { rule, words: `The list of ${client} through ${via} ${words}`, operations: [id] }
}
