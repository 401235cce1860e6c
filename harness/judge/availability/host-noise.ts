import type { RecordOf } from '../../record/records.ts'
import type { Interval } from '../fault-windows.ts'
import { merged } from '../intervals.ts'
import type { Recording } from '../recording.ts'

type Attempt = RecordOf<'attempt'>

/** On a host with free processors an attempt begins some milliseconds late, and is answered within some tens. */
const lateMs = 250
const slowMs = 450
/** Every prober gives an attempt up after 900 ms. */
const givenUpLateMs = 1_100
/** A process that waits for a processor shows it at other moments than those that wait for its answers. */
const aroundMs = 1_000

export interface HostNoise {
  /** Times in which processes waited for a processor, merged and in order. */
  readonly times: readonly Interval[]
  /** The latest begin of an attempt and the slowest answer, milliseconds. */
  readonly latestMs: number
  readonly slowestMs: number
}

const known = new WeakMap<Recording, HostNoise>()

/** Host noise as the probes themselves show it: attempts that began late, were answered or given up late, or were not made. */
export function hostNoise(recording: Recording): HostNoise {
  const found = known.get(recording) ?? measure(recording)
  known.set(recording, found)
  return found
}

function measure(recording: Recording): HostNoise {
  const attempts = recording.of('attempt')
  const gaps = recording.of('gap').filter(({ resource }) => resource.startsWith('probe '))
  const times = [
    ...attempts.filter(isNoisy).map(({ at, endedAt }) => ({ from: at, until: endedAt })),
    ...gaps.map(({ at, until }) => ({ from: at, until })),
  ].map(({ from, until }) => ({ from: from - aroundMs, until: until + aroundMs }))
  return {
    times: merged(times),
    latestMs: attempts.reduce((most, one) => Math.max(most, lateness(one)), 0),
    slowestMs: attempts.reduce((most, one) => (one.ok ? Math.max(most, took(one)) : most), 0),
  }
}

const lateness = ({ at, sentAt = at }: Attempt): number => sentAt - at
const took = ({ at, sentAt = at, endedAt }: Attempt): number => endedAt - sentAt

function isNoisy(attempt: Attempt): boolean {
  return lateness(attempt) > lateMs || took(attempt) > (attempt.ok ? slowMs : givenUpLateMs)
}
