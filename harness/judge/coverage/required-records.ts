import { type Interval, possibleFaults } from '../faults/fault-windows.ts'
import { hostFigures, mayBeHost } from './host-noise.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import type { Recording } from '../recording/recording.ts'
import type { FindingValues } from '../verdict/verdict.ts'
import { duration } from '../verdict/format.ts'

/** Data that a verdict needs. `description` is a noun phrase: "The status of etcd1". */
export interface Requirement {
  readonly description: string
  readonly code: string
  readonly values: FindingValues
}

/** The first part of a time that has no record for longer than `longestMs`. `times` is in order. */
function holeIn(times: readonly number[], { from, until }: Interval, longestMs: number): Interval | undefined {
  const edges = [from, ...times.filter((at) => from <= at && at <= until), until]
  const end = edges.findIndex((at, n) => at - (edges[n - 1] ?? at) > longestMs)
  return end === -1 ? undefined : { from: edges[end - 1] ?? from, until: edges[end] ?? until }
}

/**
 * Refuses to judge a time in which periodic records are missing.
 * @throws InconclusiveError HOST_NOISE where measured delays of the host may account for that, else the code of `needed`
 */
export function requireRecords(
  recording: Recording,
  requirement: Requirement,
  times: readonly number[],
  time: Interval,
  longestMs: number,
): void {
  const hole = holeIn(times, time, longestMs)
  if (hole) throw missing(recording, requirement, hole)
}

/** What to throw where a time has no record. */
export function missing(
  recording: Recording,
  { description, code, values }: Requirement,
  hole: Interval,
): InconclusiveError {
  const holeMs = Math.round(hole.until - hole.from)
  const isNoise = mayBeHost(recording, hole, holeMs)
  const figures = isNoise ? hostFigures(recording, hole, holeMs) : {}
  return new InconclusiveError(
    `${description} was not recorded for ${duration(holeMs)} of the time to judge.`,
    isNoise ? 'HOST_NOISE' : code,
    { ...values, holeMs, ...figures },
  )
}

/**
 * The times of the snapshots that were taken beside faults, of one machine or of any: from a fault's effect or end to the counts of
 * connections, which are read last. Whatever else is part of a snapshot is recorded before them.
 */
export function snapshotTimes(recording: Recording, machine?: string): Interval[] {
  const windows = new Map(possibleFaults(recording).map((window) => [window.id, window]))
  return recording.of('conntrack').flatMap((one) => {
    const window = windows.get(one.fault)
    if (!window || one.moment === 'before' || (machine !== undefined && machine !== one.machine)) return []
    return [{ from: one.moment === 'effect' ? window.from : window.until, until: one.at }]
  })
}
