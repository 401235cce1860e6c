import type { ChangeLog } from './change-log.ts'
import type { Sight, Violation } from '../history.ts'
import { horizon, sightIn, type Stream, type StreamEvent, formatStream } from './streams.ts'

/*
 * The documented guarantees of watches of etcd and the API server: ordered, unique, reliable, atomic, resumable and
 * bookmarkable. A violation names the stream and the first event that shows it.
 */

/**
 * Returns every violated guarantee of some watches over the same objects, compared with all known changes of these
 * objects.
 */
export function brokenGuarantees(streams: readonly Stream[], log: ChangeLog): Violation[] {
  return streams.flatMap((stream) => [
    ...ordered(stream),
    ...unique(stream),
    ...reliable(stream, log),
    ...following(stream),
    ...atomic(stream, log),
    ...resumable(stream),
    ...bookmarkable(stream),
  ])
}

/** Events arrive in the order of their revisions. */
function ordered(stream: Stream): Violation[] {
  const events = changesOf(stream)
  const index = events.findIndex((event, n) => event.revision < (events[n - 1]?.revision ?? 0))
  const [before, event] = index < 0 ? [] : [events[index - 1], events[index]]
  return before && event
    ? [broken('ordered', stream, `reported ${at(event)} after ${at(before)}`, [before, event])]
    : []
}

/** No event arrives twice. */
function unique(stream: Stream): Violation[] {
  const seen = new Map<string, StreamEvent>()
  for (const event of changesOf(stream)) {
    const name = `${event.revision} ${event.key}`
    const first = seen.get(name)
    if (first) return [broken('unique', stream, `reported ${at(event)} twice`, [first, event])]
    seen.set(name, event)
  }
  return []
}

/** No event between two events is left out. */
function reliable(stream: Stream, { changes }: ChangeLog): Violation[] {
  const until = horizon(stream)
  const reported = new Set(changesOf(stream).map(({ revision, key }) => `${revision} ${key}`))
  const missing = changes.find(
    ({ revision, key }) => revision > stream.since && revision <= until && !reported.has(`${revision} ${key}`),
  )
  if (!missing) return []
  const around = [
    stream.events.findLast(({ revision }) => revision < missing.revision),
    stream.events.find(({ revision }) => revision >= missing.revision),
  ].filter((one) => one !== undefined)
  return [broken('reliable', stream, `reported ${until} and left out ${at(missing)}`, around, missing.reported)]
}

/** Each event of an object follows from the one before: only an absent object is added. */
function following(stream: Stream): Violation[] {
  const last = new Map<string, StreamEvent>()
  for (const event of changesOf(stream)) {
    const before = last.get(event.key)
    if (before && (before.type === 'deleted') !== (event.type === 'added')) {
      const description = `reported ${event.key} as ${event.type} at ${event.revision} after ${before.type} at ${before.revision}`
      return [broken('reliable', stream, description, [before, event])]
    }
    last.set(event.key, event)
  }
  return []
}

/** The changes of one revision arrive together and complete. */
function atomic(stream: Stream, { changes }: ChangeLog): Violation[] {
  const batches = new Map<number, StreamEvent>()
  for (const event of changesOf(stream)) {
    const { revision } = event
    const first = batches.get(revision) ?? event
    if (first.batch !== event.batch) {
      return [broken('atomic', stream, `reported revision ${revision} in two parts`, [first, event])]
    }
    batches.set(revision, first)
  }
  const reported = Map.groupBy(changesOf(stream), ({ revision }) => revision)
  const whole = Map.groupBy(
    changes.filter(({ revision }) => reported.has(revision)),
    ({ revision }) => revision,
  )
  for (const [revision, events] of reported) {
    const all = whole.get(revision) ?? []
    if (events.length < all.length) {
      const description = `reported ${events.length} of ${all.length} changes at revision ${revision}`
      return [broken('atomic', stream, description, events, ...all.map(({ reported: by }) => by))]
    }
  }
  return []
}

/** A watch that resumes after a revision reports no earlier change. */
function resumable(stream: Stream): Violation[] {
  const early = changesOf(stream).find(({ revision }) => revision <= stream.since)
  return early
    ? [broken('resumable', stream, `reported ${at(early)}, which is before its start`, [early], requestOf(stream))]
    : []
}

/** After a bookmark no change up to its revision arrives. `reliable` judges the changes before it. */
function bookmarkable(stream: Stream): Violation[] {
  let mark: StreamEvent | undefined
  for (const event of stream.events) {
    if (mark && event.type !== 'bookmark' && event.revision <= mark.revision) {
      const description = `reported ${at(event)} after a bookmark at ${mark.revision}`
      return [broken('bookmarkable', stream, description, [mark, event])]
    }
    if (mark && event.type === 'bookmark' && event.revision < mark.revision) {
      const description = `set a bookmark at ${event.revision} after one at ${mark.revision}`
      return [broken('bookmarkable', stream, description, [mark, event])]
    }
    if (event.type === 'bookmark') mark = event
  }
  return []
}

const requestOf = ({ client, via, since, from }: Stream): Sight => {
  const description = `${client} requests from ${via} all changes after ${since}`
  return { client, call: from, end: from, writes: false, shows: false, description }
}

const changesOf = ({ events }: Stream): StreamEvent[] => events.filter(({ type }) => type !== 'bookmark')
const at = ({ key, revision }: { readonly key: string; readonly revision: number }): string => `${key} at ${revision}`

/** The drawing shows the events of the violation beside other reports of the same change. */
function broken(
  rule: string,
  stream: Stream,
  description: string,
  events: readonly StreamEvent[],
  ...known: readonly (Sight | undefined)[]
): Violation {
  const sights = [...events.map((event) => sightIn(stream, event)), ...known.filter((one) => one !== undefined)]
  return { rule, description: `The watch of ${formatStream(stream)} ${description}`, operations: [], sights }
}
