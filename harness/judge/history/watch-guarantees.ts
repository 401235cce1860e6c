import type { ChangeLog } from './change-log.ts'
import type { Violation } from './history.ts'
import { horizon, type Stream, type StreamEvent, streamWords } from './streams.ts'

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
    ...atomic(stream, log),
    ...resumable(stream),
    ...bookmarkable(stream),
  ])
}

/** Events come in the order of their revisions. */
function ordered(stream: Stream): Violation[] {
  const events = changesOf(stream)
  const index = events.findIndex((event, n) => event.revision < (events[n - 1]?.revision ?? 0))
  return index < 0 ? [] : [broken('ordered', stream, `told ${at(events[index])} after ${at(events[index - 1])}`)]
}

/** No event comes twice. */
function unique(stream: Stream): Violation[] {
  const seen = new Set<string>()
  for (const event of changesOf(stream)) {
    const name = `${event.revision} ${event.key}`
    if (seen.has(name)) return [broken('unique', stream, `told ${at(event)} twice`)]
    seen.add(name)
  }
  return []
}

/** Between two events none is left out, and none is told that did not happen. */
function reliable(stream: Stream, { changes }: ChangeLog): Violation[] {
  const until = horizon(stream)
  const told = new Set(changesOf(stream).map(({ revision, key }) => `${revision} ${key}`))
  const missing = changes.find(
    ({ revision, key }) => revision > stream.since && revision <= until && !told.has(`${revision} ${key}`),
  )
  return missing ? [broken('reliable', stream, `told ${until} and left out ${at(missing)}`)] : []
}

/** What changed at one revision comes at once, and whole. */
function atomic(stream: Stream, { changes }: ChangeLog): Violation[] {
  const batches = new Map<number, number>()
  for (const { revision, batch } of changesOf(stream)) {
    if ((batches.get(revision) ?? batch) !== batch) {
      return [broken('atomic', stream, `told revision ${revision} in two parts`)]
    }
    batches.set(revision, batch)
  }
  const told = Map.groupBy(changesOf(stream), ({ revision }) => revision)
  const whole = Map.groupBy(
    changes.filter(({ revision }) => told.has(revision)),
    ({ revision }) => revision,
  )
  for (const [revision, events] of told) {
    const all = whole.get(revision) ?? []
    if (events.length < all.length) {
      return [broken('atomic', stream, `told ${events.length} of ${all.length} changes at revision ${revision}`)]
    }
  }
  return []
}

/** A watch that is taken up after a revision tells nothing of before. */
function resumable(stream: Stream): Violation[] {
  const early = changesOf(stream).find(({ revision }) => revision <= stream.since)
  return early ? [broken('resumable', stream, `told ${at(early)}, which it was not asked for`)] : []
}

/** After a bookmark nothing up to its revision comes. What came before it is whole: see `reliable`. */
function bookmarkable(stream: Stream): Violation[] {
  let mark = 0
  for (const event of stream.events) {
    if (event.type !== 'bookmark' && event.revision <= mark) {
      return [broken('bookmarkable', stream, `told ${at(event)} after a bookmark at ${mark}`)]
    }
    if (event.type === 'bookmark' && event.revision < mark) {
      return [broken('bookmarkable', stream, `set a bookmark at ${event.revision} after one at ${mark}`)]
    }
    if (event.type === 'bookmark') mark = event.revision
  }
  return []
}

const changesOf = ({ events }: Stream): StreamEvent[] => events.filter(({ type }) => type !== 'bookmark')
const at = (event: { readonly key: string; readonly revision: number } | undefined): string =>
  `${event?.key} at ${event?.revision}`

function broken(rule: string, stream: Stream, words: string): Violation {
  return { rule, words: `The watch of ${streamWords(stream)} ${words}`, operations: [] }
}
