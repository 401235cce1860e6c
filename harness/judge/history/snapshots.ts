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
  /** How many lists were of a revision that the watches cover, and so could be compared whole. */
  readonly compared: number
}

/** Every list is of one revision, and is what the watches say there was at it. */
export function snapshots(listings: readonly Listing[], log: ChangeLog): Snapshots {
  const violations: Violation[] = []
  const state = new Map<string, { readonly revision: number; readonly value: string }>()
  let [next, compared] = [0, 0]
  const byRevision = listings.toSorted((a, b) => (a.parts[0] ?? 0) - (b.parts[0] ?? 0))
  for (const listing of byRevision) {
    const [revision = 0] = listing.parts
    const apart = listing.parts.find((part) => part !== revision)
    if (apart !== undefined)
      violations.push(broken('one snapshot', listing, `has parts of ${revision} and of ${apart}`))
    if (listing.exactly > 0 && revision !== listing.exactly) {
      violations.push(
        broken('the revision asked for', listing, `was asked for at ${listing.exactly} and is of ${revision}`),
      )
    }
    if (revision < log.from || revision > log.until) continue
    for (let change; (change = log.changes[next]) && change.revision <= revision; next++) {
      if (change.value === '') state.delete(change.key)
      else state.set(change.key, change)
    }
    compared++
    const difference = firstDifference(listing.items, state)
    if (difference) violations.push(broken('as the watch says', listing, `of ${revision} ${difference}`))
  }
  return { violations, compared }
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
