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

/** Processor time that answering a request may take; where several processes want each processor it takes as many times longer. */
const workMs = 100

/** By how much the processes that waited for a processor may have delayed an answer: their mean number decides. */
function loadDelay(recording: Recording, { from, until }: Interval): number {
  const hosts = recording.of('host').filter(({ at, everyMs }) => at >= from && at - everyMs <= until)
  const each = hosts.map(({ runnable = 0, cores }) => runnable / cores)
  return each.length === 0 ? 0 : (workMs * each.reduce((sum, one) => sum + one, 0)) / each.length
}

/** Whether measured delays of the host may account for something that takes `ms`, and began or ended in a time. */
export function mayBeHost(recording: Recording, time: Interval, ms: number): boolean {
  const around = { from: time.from - ms, until: time.until }
  return Math.max(hostLateness(recording, around), loadDelay(recording, around)) * share >= ms
}

/** The figures of the host in a time, for a verdict that depends on them. */
export function hostFigures(recording: Recording, time: Interval, ms: number): FindingValues {
  const around = { from: time.from - ms, until: time.until }
  const hosts = recording.of('host').filter(({ at, everyMs }) => at >= around.from && at - everyMs <= around.until)
  const most = (of: 'runnable' | 'pressure' | 'steal'): number => Math.max(0, ...hosts.map((one) => one[of] ?? 0))
  return {
    hostLateMs: Math.round(hostLateness(recording, around)),
    loadDelayMs: Math.round(loadDelay(recording, around)),
    runnable: most('runnable'),
    pressure: Number(most('pressure').toFixed(2)),
    steal: Number(most('steal').toFixed(2)),
  }
}
