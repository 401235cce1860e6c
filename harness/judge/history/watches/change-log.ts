import { type Operation, type Sight, sightOf, type Violation } from '../history.ts'
import { horizon, sightIn, type Stream, formatStream } from './streams.ts'

/** The change of one object at one revision; '' as value is its deletion. */
export interface Change {
  readonly key: string
  readonly revision: number
  readonly value: string
}

/** A change with the observation of its first reporter. */
export interface Reported extends Change {
  readonly reported?: Sight
}

/** Every change that a watch reported or a client got confirmed, in order. */
export interface ChangeLog {
  readonly changes: readonly Reported[]
  /** Where changes are complete, in order: one watch, or consecutive watches without a break, reported all of them. */
  readonly stretches: readonly Stretch[]
}

/** Changes after `from` and up to `until`. */
interface Stretch {
  readonly from: number
  readonly until: number
}

/** Merges the reports of watches and the confirmations of writers; contradictions between them are violations. */
export function changeLog(
  streams: readonly Stream[],
  operations: readonly Operation[],
): { readonly log: ChangeLog; readonly violations: readonly Violation[] } {
  const changes = new Map<string, Reported & { readonly by: string; readonly reported: Sight }>()
  const violations: Violation[] = []
  const add = (change: Change, by: string, reported: Sight, operation?: Operation): void => {
    const name = `${change.revision} ${change.key}`
    const other = changes.get(name)
    if (!other) changes.set(name, { ...change, by, reported })
    else if (other.value !== change.value) {
      violations.push({
        rule: 'all tell the same',
        description: `${change.key} at ${change.revision} is ${worded(other.value)} for ${other.by} and ${worded(change.value)} for ${by}`,
        operations: operation ? [operation.id] : [],
        sights: [other.reported, { ...reported, shows: true }],
      })
    }
  }
  for (const one of operations) {
    if (one.outcome !== 'ok' || one.revision === 0) continue
    const value = one.kind === 'delete' ? '' : one.value
    add({ key: one.key, revision: one.revision, value }, one.client, sightOf(one, false), one)
  }
  for (const stream of streams) {
    for (const event of stream.events) {
      if (event.type === 'bookmark') continue
      const { type, key, revision, value } = event
      add(
        { key, revision, value: type === 'deleted' ? '' : value },
        formatStream(stream),
        sightIn(stream, event, false),
      )
    }
  }
  const sorted = [...changes.values()].sort((a, b) => a.revision - b.revision)
  return { log: { changes: sorted, stretches: stretches(streams) }, violations }
}

function stretches(streams: readonly Stream[]): Stretch[] {
  const found: { from: number; until: number }[] = []
  for (const stream of streams.toSorted((a, b) => a.since - b.since)) {
    const until = horizon(stream)
    const current = found.at(-1)
    if (current && stream.since <= current.until) current.until = Math.max(current.until, until)
    else found.push({ from: stream.since, until })
  }
  return found
}

const worded = (value: string): string => (value === '' ? 'deleted' : value)
