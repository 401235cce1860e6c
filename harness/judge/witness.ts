import type { RecordOf } from '../record/records.ts'
import type { Recording } from './recording.ts'
import { objectAt, type StoredObject } from './registry-keys.ts'
import { InconclusiveError } from './inconclusive.ts'
import { counted } from './words.ts'

/*
 * The recorder is checked like everything else: etcd tells by itself what it committed, and each watch of an API server is
 * held to that. A watch tells in the order of revisions, so what was stored before something that it told, or before a
 * mark that it set, was told or is lost.
 */

/** A change that etcd stored; `key` is the object, `pods/default/web-1`. */
interface Change {
  readonly key: string
  readonly revision: number
}

/** One watch of one resource, held to what etcd stored while it was on. */
export interface Watched {
  /** The machine of the API server. */
  readonly source: string
  readonly resource: string
  /** How many changes etcd stored that the watch had to tell, and can be held to. */
  readonly stored: number
  /** Stored, and never told though something later was, and no gap was recorded: lost in silence. */
  readonly dropped: readonly Change[]
  /** Told more than once. */
  readonly doubled: readonly Change[]
  /** Stored in a time that is recorded as a gap, and never told. */
  readonly inGaps: number
  /** Stored at the very end: nothing later was told, so it may still have been on its way. */
  readonly unconfirmed: number
}

const known = new WeakMap<Recording, readonly Watched[]>()

/** Every watch that said how far it got; none where etcd's own word was not recorded. Worked out once for a recording. */
export function witnessed(recording: Recording): readonly Watched[] {
  const found = known.get(recording) ?? compare(recording)
  known.set(recording, found)
  return found
}

/** Refuses to judge by a watch that lost changes, or told them twice. @throws InconclusiveError */
export function needWhole(recording: Recording, resource: string): void {
  const broken = witnessed(recording).find(
    (one) => one.resource === resource && one.dropped.length + one.doubled.length > 0,
  )
  if (broken) throw new InconclusiveError(`${lossWords(broken)}.`)
}

/** `The watch of pods at control-plane1 never told 2 changes that etcd stored (pods/default/web-1 at 1207)` */
export function lossWords({ source, resource, dropped, doubled }: Watched): string {
  const [lost, twice] = [dropped[0], doubled[0]]
  const words = [
    ...(lost ? [`never told ${counted(dropped.length, 'change')} that etcd stored (${inWords(lost)})`] : []),
    ...(twice ? [`told ${counted(doubled.length, 'change')} twice (${inWords(twice)})`] : []),
  ]
  return `The watch of ${resource} at ${source} ${words.join(' and ')}`
}

const inWords = ({ key, revision }: Change): string => `${key} at ${revision}`

function compare(recording: Recording): Watched[] {
  const stored = storedChanges(recording)
  if (stored.size === 0) return []
  const by = (record: { readonly source: string; readonly resource: string }): string =>
    `${record.source} ${record.resource}`
  const told = Map.groupBy(recording.of('watch'), by)
  const gaps = Map.groupBy(recording.of('gap'), by)
  return [...Map.groupBy(recording.of('mark'), by)].flatMap(([stream, marks]) => {
    const [first] = marks
    if (!first) return []
    const own = stored.get(first.resource) ?? []
    return [compareOne(own, { first, marks, told: told.get(stream) ?? [], gaps: gaps.get(stream) ?? [] })]
  })
}

interface Stream {
  /** The end of the list that the watch began with. */
  readonly first: RecordOf<'mark'>
  readonly marks: readonly RecordOf<'mark'>[]
  readonly told: readonly RecordOf<'watch'>[]
  readonly gaps: readonly RecordOf<'gap'>[]
}

function compareOne(stored: readonly Change[], { first, marks, told, gaps }: Stream): Watched {
  const since = Number(first.resourceVersion)
  const { seen, doubled, places } = toldOf(told)
  const marked = marks.map(({ at, resourceVersion }) => ({ at, revision: Number(resourceVersion) }))
  const last = most(since, [...places, ...marked])
  const blind = gaps.map((gap) => ({
    after: most(
      since,
      [...places, ...marked].filter(({ at }) => at <= gap.at),
    ),
    // A mark is set at a revision that is part of what it speaks of, and an event has one of its own.
    before: Math.min(
      least(places.filter(({ at }) => at >= gap.until)),
      least(marked.filter(({ at }) => at >= gap.until)) + 1,
    ),
  }))
  const due = stored.filter(({ revision }) => revision > since)
  const missing = due.filter((change) => !seen.has(inWords(change)))
  const confirmed = missing.filter(({ revision }) => revision <= last)
  const dropped = confirmed.filter(
    ({ revision }) => !blind.some((gap) => gap.after < revision && revision < gap.before),
  )
  const { source, resource } = first
  const unconfirmed = missing.length - confirmed.length
  const inGaps = confirmed.length - dropped.length
  return { source, resource, stored: due.length - unconfirmed, dropped, doubled, inGaps, unconfirmed }
}

interface Place {
  readonly at: number
  readonly revision: number
}

/**
 * What was told, what of it twice, and where the stream stood when. A list after a gap tells the end of an object with the
 * last version that was known of it, which was told before and is no place.
 */
function toldOf(told: Stream['told']): { seen: ReadonlyMap<string, boolean>; doubled: Change[]; places: Place[] } {
  const seen = new Map<string, boolean>()
  const doubled: Change[] = []
  const places: Place[] = []
  for (const { at, event, resource, namespace, name, resourceVersion } of told) {
    const change = { key: nameOf({ resource, namespace, name }), revision: Number(resourceVersion) }
    const ended = seen.get(inWords(change))
    if (ended === undefined) places.push({ at, revision: change.revision })
    else if (ended || event !== 'deleted') doubled.push(change)
    seen.set(inWords(change), event === 'deleted')
  }
  return { seen, doubled, places }
}

const most = (floor: number, places: readonly Place[]): number =>
  places.reduce((found, { revision }) => Math.max(found, revision), floor)
const least = (places: readonly Place[]): number =>
  places.reduce((found, { revision }) => Math.min(found, revision), Infinity)
const nameOf = ({ resource, namespace, name }: StoredObject): string =>
  [resource, namespace, name].filter(Boolean).join('/')

/** What any member told of its commits, each once, by resource. */
function storedChanges(recording: Recording): Map<string, Change[]> {
  const seen = new Set<string>()
  const changes = new Map<string, Change[]>()
  for (const { events } of recording.of('stored')) {
    for (const { key, revision } of events) {
      const object = objectAt(key)
      if (!object || seen.has(inWords({ key, revision }))) continue
      seen.add(inWords({ key, revision }))
      const change = { key: nameOf(object), revision }
      const own = changes.get(object.resource)
      if (own) own.push(change)
      else changes.set(object.resource, [change])
    }
  }
  return changes
}
