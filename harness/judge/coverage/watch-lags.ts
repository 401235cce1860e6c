import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'

type Change = RecordOf<'watch'>

/** A change that another source reported, and when this source had reported all changes up to it. */
export interface WatchLag {
  readonly change: Change
  /** Undefined: not before all watches ended. */
  readonly caughtUpAt: number | undefined
}

/** One API server's watches compared with those of the others. */
export interface WatchedSource {
  readonly source: string
  readonly lags: readonly WatchLag[]
  /** The time of the last report by any source: no watch ran later. */
  readonly until: number
}

/** Every API server that was watched, with the reports of the others. */
export function watchedSources(recording: Recording): WatchedSource[] {
  const watches = recording.of('watch')
  const marks = recording.of('mark')
  const resources = new Set(watches.map(({ resource }) => resource))
  const gaps = recording.of('gap').filter(({ resource }) => resources.has(resource))
  const sources = new Set([...watches, ...marks, ...gaps].map(({ source }) => source))
  const until = Math.max(...[watches, marks].map((list) => list.at(-1)?.at ?? -Infinity))
  const changes = firstReports(watches)
  return [...sources].sort().map((source) => {
    const lags = [...resources].flatMap((resource) => {
      const ofResource = ({ resource: one, source: by }: { resource: string; source: string }): boolean =>
        one === resource && by === source
      // A list after a gap reports its version in a mark: a recording without marks lacks that.
      if (gaps.some(ofResource) && !marks.some((mark) => mark.resource === resource)) return []
      const progress = [...watches.filter(ofResource), ...marks.filter(ofResource)].sort((a, b) => a.at - b.at)
      const others = (changes.get(resource) ?? []).filter((change) => change.source !== source)
      return lagsOf(others, progress)
    })
    return { source, lags, until }
  })
}

/** Every change of each resource as the first source reported it, in the order of versions. */
function firstReports(watches: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const found = new Map<string, Map<string, Change>>()
  for (const record of watches) {
    if (record.event === 'listed') continue
    const own = found.get(record.resource) ?? new Map<string, Change>()
    found.set(record.resource, own)
    if (!own.has(record.resourceVersion)) own.set(record.resourceVersion, record)
  }
  return new Map(
    [...found].map(([resource, own]) => [resource, [...own.values()].sort((a, b) => versionOf(a) - versionOf(b))]),
  )
}

/** A watch reports in the order of versions: with a later version it has reported all before it. */
function lagsOf(changes: readonly Change[], progress: readonly { at: number; resourceVersion: string }[]): WatchLag[] {
  let next = 0
  let reached = -Infinity
  let reachedAt: number | undefined
  return changes.map((change) => {
    for (; reached < versionOf(change) && next < progress.length; next++) {
      const record = progress[next]
      if (!record || versionOf(record) <= reached) continue
      reached = versionOf(record)
      reachedAt = record.at
    }
    return { change, caughtUpAt: reached >= versionOf(change) ? reachedAt : undefined }
  })
}

function versionOf({ resourceVersion }: { readonly resourceVersion: string }): number {
  return Number(resourceVersion)
}
