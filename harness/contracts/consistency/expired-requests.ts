import { faultWindows, hitsComponent } from '../../judge/faults/fault-windows.ts'
import type { Expired } from '../../judge/history/expiry.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { compactedBy } from './compactions.ts'

/** Every revision that an API server reported as gone, with the facts known at that time. */
export function expiredOf(recording: Recording): Expired[] {
  const watches = recording
    .of('stream')
    .filter((one) => one.store === 'apiserver' && one.end === 'expired')
    .map(({ at, via, client, since }) => ({ at, via, client, revision: since }))
  const lists = recording
    .of('listing')
    .filter(({ store, outcome, asked }) => store === 'apiserver' && outcome === 'expired' && asked !== undefined)
    .map(({ endedAt, via, client, asked = 0 }) => ({ at: endedAt, via, client, revision: asked }))
  return [...watches, ...lists].map((one) => ({
    ...one,
    compacted: compactedBy(recording, one.at),
    startedAt: startOf(recording, one),
    changes: changesUntil(recording, one),
  }))
}

/** A change that is reported this much later than it happened counts as one that a server had to remember. */
const reportedLateMs = 1_000

/** How many changes followed a revision by the time of the request, counted from the watches. */
function changesUntil(
  recording: Recording,
  { at, revision }: { readonly at: number; readonly revision: number },
): number {
  const streams = new Set(recording.of('stream').flatMap((one) => (one.store === 'apiserver' ? [one.id] : [])))
  const reported = recording
    .of('notification')
    .filter((one) => one.event !== 'bookmark' && streams.has(one.stream) && one.at <= at + reportedLateMs)
  return new Set(reported.filter((one) => one.revision > revision).map((one) => one.revision)).size
}

/**
 * The newest revision by the time when a restarted API server first reported a change to a watch again; 0 without a
 * restart. The server's memory begins with a list of its own that it takes some time after it confirms writes again.
 * Until then watches wait.
 */
function startOf(recording: Recording, { via, at }: { readonly via: string; readonly at: number }): number {
  const restart = faultWindows(recording).findLast(
    ({ fault, target, from }) =>
      from <= at &&
      fault !== 'pause' &&
      hitsComponent(target, 'kube-apiserver') &&
      target.machines.some((machine) => via.includes(machine)),
  )
  if (!restart) return 0
  const since = new Set(
    recording
      .of('stream')
      .flatMap((one) => (one.via === via && one.edge === 'opened' && one.at >= restart.until ? [one.id] : [])),
  )
  const first = recording.of('notification').find(({ stream }) => since.has(stream))?.at ?? at
  const by = Math.min(first, at) + reportedLateMs
  return Math.max(
    0,
    ...recording
      .of('etcd')
      .filter((one) => one.at <= by)
      .map(({ revision = 0 }) => revision),
  )
}
