import type { Interval } from './fault-windows.ts'
import type { Recording } from './recording.ts'
import type { FindingValues } from './verdict.ts'

/** A host that is late by a quarter of what was observed may be the reason for it. */
const share = 4

/**
 * How late the host was in a time, at most; 0 where nothing measured it. Probes count as far as those of every place were late:
 * a single place may be late because of its own machine.
 */
function hostLateness(recording: Recording, { from, until }: Interval): number {
  const timers = recording
    .of('host')
    .flatMap(({ at, everyMs, latestMs }) => (at >= from && at - everyMs <= until ? [latestMs] : []))
  const probes = recording.of('attempt').filter(({ at, sentAt = at }) => sentAt >= from && at <= until)
  const places = [...Map.groupBy(probes, (probe) => probe.from).values()].map((own) =>
    own.reduce((most, { at, sentAt = at }) => Math.max(most, sentAt - at), 0),
  )
  return Math.max(0, ...timers, places.length > 1 ? Math.min(...places) : 0)
}

/** Whether measured lateness of the host may account for something that takes `ms`, and began or ended in a time. */
export function mayBeHost(recording: Recording, time: Interval, ms: number): boolean {
  return hostLateness(recording, { from: time.from - ms, until: time.until }) * share >= ms
}

/** The figures of the host in a time, for a verdict that depends on them. */
export function hostFigures(recording: Recording, time: Interval, ms: number): FindingValues {
  const hosts = recording.of('host').filter(({ at }) => at >= time.from - ms && at <= time.until + ms)
  const most = (of: 'runnable' | 'pressure' | 'steal'): number => Math.max(0, ...hosts.map((one) => one[of] ?? 0))
  return {
    hostLateMs: Math.round(hostLateness(recording, { from: time.from - ms, until: time.until })),
    runnable: most('runnable'),
    pressure: Number(most('pressure').toFixed(2)),
    steal: Number(most('steal').toFixed(2)),
  }
}
