import type { ChangeLog, Reported } from './watches/change-log.ts'
import type { Violation } from './history.ts'

/** A list of objects as one client received it, in one part or in several. */
export interface Listing {
  readonly id: number
  readonly client: string
  readonly via: string
  readonly call: number
  readonly end: number
  /** The revision that each part reported. */
  readonly parts: readonly number[]
  /** The revision that was requested exactly; 0 for the newest. */
  readonly exactly: number
  readonly items: ReadonlyMap<string, { readonly revision: number; readonly value: string }>
}

export interface Snapshots {
  readonly violations: readonly Violation[]
  /** Lists that were compared completely: their revision is covered by watches that follow another list. */
  readonly compared: readonly Listing[]
}

/** Checks that every list has one revision, and equals what the watches report at it. */
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
      if (!difference) continue
      const last = log.changes.findLast((one) => one.key === difference.key && one.revision <= revision)
      violations.push(broken('as the watch says', listing, `of ${revision} ${difference.description}`, last))
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
  const other = listing.parts.find((part) => part !== revision)
  if (other !== undefined) return [broken('one snapshot', listing, `has parts of revisions ${revision} and ${other}`)]
  if (listing.exactly === 0 || revision === listing.exactly) return []
  return [
    broken(
      'the revision asked for',
      listing,
      `was requested at revision ${listing.exactly} and has revision ${revision}`,
    ),
  ]
}

type Items = Listing['items']

function firstDifference(listed: Items, watched: Items): { key: string; description: string } | undefined {
  for (const [key, { revision, value }] of watched) {
    const item = listed.get(key)
    if (!item) return { key, description: `lacks ${key}, which was ${value} at ${revision}` }
    if (item.revision !== revision || item.value !== value) {
      return { key, description: `has ${key} as ${item.value} at ${item.revision} instead of ${value} at ${revision}` }
    }
  }
  for (const [key, { revision }] of listed) {
    if (!watched.has(key)) return { key, description: `has ${key} at ${revision}, which did not exist` }
  }
  return undefined
}

/** `known` is another reporter's view of the same object. */
function broken(
  rule: string,
  { client, via, id, call, end }: Listing,
  description: string,
  known?: Reported,
): Violation {
  const list = { client, call, end, writes: false, shows: true, description: `list by ${client}: ${description}` }
  return {
    rule,
    description: `The list of ${client} through ${via} ${description}`,
    operations: [id],
    sights: known?.reported ? [known.reported, list] : [list],
  }
}
