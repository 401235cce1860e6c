import type { ChangeLog } from './change-log.ts'
import type { Sight, Violation } from './history.ts'
import { horizon, sightIn, type Stream, type StreamEvent, streamWords } from './streams.ts'

/*
 * What etcd guarantees of a watch, and the API server of its own: ordered, unique, reliable, atomic, resumable and
 * bookmarkable. A broken one is told with the stream and the first event that shows it.
 */

/** Every broken guarantee of some watches over the same objects, held against all that is known to have happened to them. */
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

/** Events come in the order of their revisions. */
function ordered(stream: Stream): Violation[] {
  const events = changesOf(stream)
  const index = events.findIndex((event, n) => event.revision < (events[n - 1]?.revision ?? 0))
  const [before, event] = index < 0 ? [] : [events[index - 1], events[index]]
  return before && event ? [broken('ordered', stream, `told ${at(event)} after ${at(before)}`, [before, event])] : []
}

/** No event comes twice. */
function unique(stream: Stream): Violation[] {
  const seen = new Map<string, StreamEvent>()
  for (const event of changesOf(stream)) {
    const name = `${event.revision} ${event.key}`
    const first = seen.get(name)
    if (first) return [broken('unique', stream, `told ${at(event)} twice`, [first, event])]
    seen.set(name, event)
  }
  return []
}

/** Between two events none is left out. */
function reliable(stream: Stream, { changes }: ChangeLog): Violation[] {
  const until = horizon(stream)
  const told = new Set(changesOf(stream).map(({ revision, key }) => `${revision} ${key}`))
  const missing = changes.find(
    ({ revision, key }) => revision > stream.since && revision <= until && !told.has(`${revision} ${key}`),
  )
  if (!missing) return []
  const around = [
    stream.events.findLast(({ revision }) => revision < missing.revision),
    stream.events.find(({ revision }) => revision >= missing.revision),
  ].filter((one) => one !== undefined)
  return [broken('reliable', stream, `told ${until} and left out ${at(missing)}`, around, missing.told)]
}

/** What is told of an object follows from what was told of it before: only what is not there is added. */
function following(stream: Stream): Violation[] {
  const last = new Map<string, StreamEvent>()
  for (const event of changesOf(stream)) {
    const before = last.get(event.key)
    if (before && (before.type === 'deleted') !== (event.type === 'added')) {
      const words = `told ${event.key} to be ${event.type} at ${event.revision} after it was ${before.type} at ${before.revision}`
      return [broken('reliable', stream, words, [before, event])]
    }
    last.set(event.key, event)
  }
  return []
}

/** What changed at one revision comes at once, and whole. */
function atomic(stream: Stream, { changes }: ChangeLog): Violation[] {
  const batches = new Map<number, StreamEvent>()
  for (const event of changesOf(stream)) {
    const { revision } = event
    const first = batches.get(revision) ?? event
    if (first.batch !== event.batch) {
      return [broken('atomic', stream, `told revision ${revision} in two parts`, [first, event])]
    }
    batches.set(revision, first)
  }
  const told = Map.groupBy(changesOf(stream), ({ revision }) => revision)
  const whole = Map.groupBy(
    changes.filter(({ revision }) => told.has(revision)),
    ({ revision }) => revision,
  )
  for (const [revision, events] of told) {
    const all = whole.get(revision) ?? []
    if (events.length < all.length) {
      const words = `told ${events.length} of ${all.length} changes at revision ${revision}`
      return [broken('atomic', stream, words, events, ...all.map(({ told: by }) => by))]
    }
  }
  return []
}

/** A watch that is taken up after a revision tells nothing of before. */
function resumable(stream: Stream): Violation[] {
  const early = changesOf(stream).find(({ revision }) => revision <= stream.since)
  return early
    ? [broken('resumable', stream, `told ${at(early)}, which it was not asked for`, [early], asked(stream))]
    : []
}

/** After a bookmark nothing up to its revision comes. What came before it is whole: see `reliable`. */
function bookmarkable(stream: Stream): Violation[] {
  let mark: StreamEvent | undefined
  for (const event of stream.events) {
    if (mark && event.type !== 'bookmark' && event.revision <= mark.revision) {
      const words = `told ${at(event)} after a bookmark at ${mark.revision}`
      return [broken('bookmarkable', stream, words, [mark, event])]
    }
    if (mark && event.type === 'bookmark' && event.revision < mark.revision) {
      const words = `set a bookmark at ${event.revision} after one at ${mark.revision}`
      return [broken('bookmarkable', stream, words, [mark, event])]
    }
    if (event.type === 'bookmark') mark = event
  }
  return []
}

const asked = ({ client, via, since, from }: Stream): Sight => {
  const words = `${client} asks ${via} for everything after ${since}`
  return { client, call: from, end: from, writes: false, shows: false, words }
}

const changesOf = ({ events }: Stream): StreamEvent[] => events.filter(({ type }) => type !== 'bookmark')
const at = ({ key, revision }: { readonly key: string; readonly revision: number }): string => `${key} at ${revision}`

/** Drawn are the events that show it, beside what others know of the same change. */
function broken(
  rule: string,
  stream: Stream,
  words: string,
  events: readonly StreamEvent[],
  ...known: readonly (Sight | undefined)[]
): Violation {
  const sights = [...events.map((event) => sightIn(stream, event)), ...known.filter((one) => one !== undefined)]
  return { rule, words: `The watch of ${streamWords(stream)} ${words}`, operations: [], sights }
}
