import { type Interval, overlaps } from '../faults/fault-windows.ts'
import type { Resource } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import { mayBeHost } from './host-noise.ts'
import { duration } from '../verdict/format.ts'

/** When no source watched a resource: changes in these times may be missing. */
export function blindTimes(recording: Recording, resource: string): Interval[] {
  const sources = new Set(
    recording.of('watch').flatMap((record) => (record.resource === resource ? [record.source] : [])),
  )
  const gaps = recording.of('gap').filter((gap) => gap.resource === resource)
  let blind: Interval[] = [{ from: -Infinity, until: Infinity }]
  for (const source of sources) {
    const own = gaps.flatMap((gap) => (gap.source === source ? [{ from: gap.at, until: gap.until }] : []))
    blind = blind.flatMap((one) =>
      own
        .filter((gap) => overlaps(one, gap))
        .map((gap) => ({ from: Math.max(one.from, gap.from), until: Math.min(one.until, gap.until) })),
    )
  }
  return blind
}

/** Requires a watch of a resource throughout a time. @throws InconclusiveError NOT_WATCHED, HOST_NOISE where measured delays of the host explain it */
export function requireWatched(recording: Recording, resource: Resource, from = -Infinity, until = Infinity): void {
  if (!recording.of('watch').some((record) => record.resource === resource)) {
    throw new InconclusiveError(`No watch of ${resource} was recorded.`, 'NOT_WATCHED')
  }
  const blind = blindTimes(recording, resource).find((one) => overlaps(one, { from, until }))
  if (!blind) return
  const blindMs = blind.until - blind.from
  throw new InconclusiveError(
    `No source watched ${resource} for ${duration(blindMs)} of the time to judge.`,
    mayBeHost(recording, blind, blindMs) ? 'HOST_NOISE' : 'NOT_WATCHED',
    { resource, blindMs },
  )
}
