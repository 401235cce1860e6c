import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'
import { objectAt, type StoredObject } from '../recording/registry-keys.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import { counted } from '../verdict/format.ts'

/*
 * Checks the recorder: etcd's members record what they committed, and each watch of an API server is compared with
 * that. A watch reports in the order of revisions. So a change that etcd stored before a reported change, or before a
 * mark, was reported or is lost.
 */

/** A change that etcd stored; `key` is the object, `pods/default/web-1`. */
interface Change {
  readonly key: string
  readonly revision: number
}

/** One watch of one resource, compared with what etcd stored meanwhile. */
export interface Watched {
  /** The machine of the API server. */
  readonly source: string
  readonly resource: string
  /** How many changes etcd stored that the watch had to report and that can be compared. */
  readonly stored: number
  /** Changes that were not reported although a later one was, without a recorded gap. */
  readonly dropped: readonly Change[]
  /** Changes that were reported more than once. */
  readonly doubled: readonly Change[]
  /** How many unreported changes etcd stored during a recorded gap. */
  readonly inGaps: number
  /** How many changes etcd stored at the very end: without a later report they may still have been under way. */
  readonly unconfirmed: number
}

const known = new WeakMap<Recording, readonly Watched[]>()

/** Every watch with marks; empty without etcd records. Computed once for a recording. */
export function witnessed(recording: Recording): readonly Watched[] {
  const found = known.get(recording) ?? compare(recording)
  known.set(recording, found)
  return found
}

/** Requires that no watch of the resource lost changes or reported them twice. @throws InconclusiveError */
export function requireComplete(recording: Recording, resource: string): void {
  const broken = witnessed(recording).find(
    (one) => one.resource === resource && one.dropped.length + one.doubled.length > 0,
  )
  if (broken) throw new InconclusiveError(`${formatLoss(broken)}.`)
}

/** `The watch of pods at control-plane1 did not report 2 changes that etcd stored (pods/default/web-1 at 1207)` */
export function formatLoss({ source, resource, dropped, doubled }: Watched): string {
  const [lost, twice] = [dropped[0], doubled[0]]
  const complaints = [
    ...(lost ? [`did not report ${counted(dropped.length, 'change')} that etcd stored (${formatChange(lost)})`] : []),
    ...(twice ? [`reported ${counted(doubled.length, 'change')} twice (${formatChange(twice)})`] : []),
  ]
  return `The watch of ${resource} at ${source} ${complaints.join(' and ')}`
}

const formatChange = ({ key, revision }: Change): string => `${key} at ${revision}`

function compare(recording: Recording): Watched[] {
  const stored = storedChanges(recording)
  if (stored.size === 0) return []
  const by = (record: { readonly source: string; readonly resource: string }): string =>
    `${record.source} ${record.resource}`
  const reported = Map.groupBy(recording.of('watch'), by)
  const gaps = Map.groupBy(recording.of('gap'), by)
  return [...Map.groupBy(recording.of('mark'), by)].flatMap(([stream, marks]) => {
    const [first] = marks
    if (!first) return []
    const own = stored.get(first.resource) ?? []
    return [compareOne(own, { first, marks, reported: reported.get(stream) ?? [], gaps: gaps.get(stream) ?? [] })]
  })
}

interface Stream {
  /** The end of the list that the watch began with. */
  readonly first: RecordOf<'mark'>
  readonly marks: readonly RecordOf<'mark'>[]
  readonly reported: readonly RecordOf<'watch'>[]
  readonly gaps: readonly RecordOf<'gap'>[]
}

function compareOne(stored: readonly Change[], { first, marks, reported, gaps }: Stream): Watched {
  const since = Number(first.resourceVersion)
  const { seen, doubled, places } = reportedOf(reported)
  const marked = marks.map(({ at, resourceVersion }) => ({ at, revision: Number(resourceVersion) }))
  const last = most(since, [...places, ...marked])
  const blind = gaps.map((gap) => ({
    after: most(
      since,
      [...places, ...marked].filter(({ at }) => at <= gap.at),
    ),
    // A mark includes its own revision, while each event has a revision of its own.
    before: Math.min(
      least(places.filter(({ at }) => at >= gap.until)),
      least(marked.filter(({ at }) => at >= gap.until)) + 1,
    ),
  }))
  const due = stored.filter(({ revision }) => revision > since)
  const missing = due.filter((change) => !seen.has(formatChange(change)))
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
 * The reported changes, the repeated ones, and the stream's revision over time. A list after a gap reports a deletion
 * with the last known version, which was reported before and is no progress.
 */
function reportedOf(reported: Stream['reported']): {
  seen: ReadonlyMap<string, boolean>
  doubled: Change[]
  places: Place[]
} {
  const seen = new Map<string, boolean>()
  const doubled: Change[] = []
  const places: Place[] = []
  for (const { at, event, resource, namespace, name, resourceVersion } of reported) {
    const change = { key: nameOf({ resource, namespace, name }), revision: Number(resourceVersion) }
    const ended = seen.get(formatChange(change))
    if (ended === undefined) places.push({ at, revision: change.revision })
    else if (ended || event !== 'deleted') doubled.push(change)
    seen.set(formatChange(change), event === 'deleted')
  }
  return { seen, doubled, places }
}

const most = (floor: number, places: readonly Place[]): number =>
  places.reduce((found, { revision }) => Math.max(found, revision), floor)
const least = (places: readonly Place[]): number =>
  places.reduce((found, { revision }) => Math.min(found, revision), Infinity)
const nameOf = ({ resource, namespace, name }: StoredObject): string =>
  [resource, namespace, name].filter(Boolean).join('/')

/** The commits that any member reported, each once, by resource. */
function storedChanges(recording: Recording): Map<string, Change[]> {
  const seen = new Set<string>()
  const changes = new Map<string, Change[]>()
  for (const { events } of recording.of('stored')) {
    for (const { key, revision } of events) {
      const object = objectAt(key)
      if (!object || seen.has(formatChange({ key, revision }))) continue
      seen.add(formatChange({ key, revision }))
      const change = { key: nameOf(object), revision }
      const own = changes.get(object.resource)
      if (own) own.push(change)
      else changes.set(object.resource, [change])
    }
  }
  return changes
}
