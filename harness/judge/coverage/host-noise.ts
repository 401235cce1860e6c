import type { RecordOf } from '../../record/records.ts'
import { type Interval, during, overlaps } from '../faults/fault-windows.ts'
import { merged } from '../recording/intervals.ts'
import type { Recording } from '../recording/recording.ts'
import type { FindingValues } from '../verdict/verdict.ts'

/*
 * What the recording measured of the host itself, and what that may account for. Only the host's own timers, its queue of processes and
 * probers that did not run count: the response time of the cluster is no evidence about the host.
 */

/** On a host with free processors a timer is late, and an attempt begins, some milliseconds after it is due. */
const lateMs = 250
/** Processor time that answering a request may take; where several processes want each processor it takes as many times longer. */
const workMs = 100
/** Where answers may take longer, an attempt may be given up: every prober waits for 900 ms. */
const slowMs = 450
/** A request passes from a client through an API server to two etcd members, each of which waits for a processor by itself. */
const hops = 4
/** A process that waits for a processor shows it at other moments than those that wait for its answers. */
const aroundMs = 1_000
/** By how much later than its period a record of the host may come without being counted as missing. */
const toleranceMs = 100

/** A time in which something did not run, and for how much of it. */
interface Stall extends Interval {
  readonly ms: number
}

interface Measured {
  /** Of the harness's own timers. */
  readonly timers: readonly Stall[]
  /** Of the probers, by their place. */
  readonly places: ReadonlyMap<string, readonly Stall[]>
  readonly noisy: readonly Interval[]
}

const known = new WeakMap<Recording, Measured>()

function measured(recording: Recording): Measured {
  const found = known.get(recording) ?? measure(recording)
  known.set(recording, found)
  return found
}

function measure(recording: Recording): Measured {
  const timers = timerStalls(recording.of('host'))
  const places = proberStalls(recording)
  const queues = recording.of('host').filter((one) => queueDelay([one]) > slowMs)
  const noisy = [...timers, ...[...places.values()].flat(), ...queues.map(timeOf)]
  const around = noisy.map(({ from, until }) => ({ from: from - aroundMs, until: until + aroundMs }))
  return { timers, places, noisy: merged(around) }
}

const timeOf = ({ at, everyMs }: RecordOf<'host'>): Interval => ({ from: at - everyMs, until: at })

/** A record that is missing is of a timer that did not run. */
function timerStalls(hosts: readonly RecordOf<'host'>[]): Stall[] {
  const late = hosts.flatMap((one) => (one.latestMs > lateMs ? [{ ...timeOf(one), ms: one.latestMs }] : []))
  const missing = hosts.slice(1).flatMap((one, n) => {
    const [from, until] = [hosts[n]?.at ?? one.at, one.at - one.everyMs]
    return until - from > toleranceMs ? [{ from, until, ms: until - from }] : []
  })
  return [...late, ...missing]
}

/** The stalls of every place of which something was probed, also where it has none. */
function proberStalls(recording: Recording): Map<string, readonly Stall[]> {
  const gaps = recording.of('gap').filter(({ resource }) => resource.startsWith('probe '))
  const late = recording.of('attempt').filter(({ at, sentAt = at }) => sentAt - at > lateMs)
  const all = [
    ...gaps.map(({ source, at, until }) => ({ place: source, from: at, until })),
    ...late.map(({ from, at, sentAt = at }) => ({ place: from, from: at, until: sentAt })),
  ]
  const byPlace = Map.groupBy(all, ({ place }) => place)
  const places = new Set(recording.of('attempt').map(({ from }) => from))
  return new Map(
    [...places].map((place) => [
      place,
      merged(byPlace.get(place) ?? []).map((time) => ({ ...time, ms: time.until - time.from })),
    ]),
  )
}

/** Times in which processes waited for a processor, merged and in order: what had no answer then may be no fault of the cluster. */
export function noisyTimes(recording: Recording): readonly Interval[] {
  return measured(recording).noisy
}

/**
 * How long the host stood still in a time. Stalls of probers count as far as those of every place did: one place may be late because of
 * its own machine.
 */
function stalledMs(recording: Recording, time: Interval): number {
  const { timers, places } = measured(recording)
  const probing = new Set(recording.of('attempt').flatMap(({ at, from }) => (during(time, at) ? [from] : [])))
  const own = [...places].flatMap(([place, stalls]) => {
    const ms = sumIn(stalls, time)
    return ms > 0 || probing.has(place) ? [ms] : []
  })
  return Math.max(sumIn(timers, time), own.length > 1 ? Math.min(...own) : 0)
}

function sumIn(stalls: readonly Stall[], time: Interval): number {
  return stalls.reduce((sum, one) => sum + (overlaps(one, time) ? one.ms : 0), 0)
}

/** By how much the processes that waited for a processor may have delayed an answer: their mean number decides. */
function queueDelay(hosts: readonly RecordOf<'host'>[]): number {
  const waiting = hosts.map(({ runnable = 0, cores }) => runnable / cores)
  return waiting.length === 0 ? 0 : (workMs * waiting.reduce((sum, one) => sum + one, 0)) / waiting.length
}

function hostsIn(recording: Recording, time: Interval): RecordOf<'host'>[] {
  return recording.of('host').filter((one) => overlaps(timeOf(one), time))
}

/** By how much the host may have delayed what the cluster did in a time, milliseconds. A queue of processes makes timers late as well. */
export function hostDelay(recording: Recording, time: Interval): number {
  return hops * Math.max(stalledMs(recording, time), queueDelay(hostsIn(recording, time)))
}

/** Whether measured delays of the host may account for `ms` of what happened in a time, or began up to as long before it. */
export function mayBeHost(recording: Recording, time: Interval, ms: number): boolean {
  return hostDelay(recording, before(time, ms)) >= ms
}

const before = ({ from, until }: Interval, ms: number): Interval => ({ from: from - ms, until })

/** The figures of the host in a time, for a verdict that depends on them. */
export function hostFigures(recording: Recording, time: Interval, ms = 0): FindingValues {
  const around = before(time, ms)
  const hosts = hostsIn(recording, around)
  const most = (of: 'runnable' | 'pressure' | 'steal'): number => Math.max(0, ...hosts.map((one) => one[of] ?? 0))
  return {
    hostLateMs: Math.round(stalledMs(recording, around)),
    loadDelayMs: Math.round(queueDelay(hosts)),
    hostDelayMs: Math.round(hostDelay(recording, around)),
    runnable: most('runnable'),
    pressure: Number(most('pressure').toFixed(2)),
    steal: Number(most('steal').toFixed(2)),
  }
}
