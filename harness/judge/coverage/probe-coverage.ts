import type { RecordOf } from '../../record/records.ts'
import { type Interval, overlaps } from '../faults/fault-windows.ts'
import { mayBeHost } from './host-noise.ts'
import { without } from '../recording/intervals.ts'
import { byProbe } from './probe-gaps.ts'
import type { Recording } from '../recording/recording.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import { duration } from '../verdict/format.ts'

/**
 * Probes stop one after the other, and their unanswered attempts are not recorded: attempts older than this are
 * complete.
 */
const endingMs = 2_000
/** Attempts are due at whole periods; this tolerates imprecise clocks. */
const aPeriod = 1.5

/**
 * Requires that the probers ran in a time: fails on a recorded gap, or where due attempts are not recorded. `from`
 * limits it to the probes of one place.
 * @throws InconclusiveError HOST_NOISE where measured delays of the host may explain that, else NOT_PROBED
 */
export function requireProbed(recording: Recording, time: Interval, from?: string): void {
  const isFrom = (place: string): boolean => from === undefined || place === from
  const blind = recording
    .of('gap')
    .filter(({ source, resource }) => resource.startsWith('probe ') && isFrom(source))
    .find(({ at, until }) => overlaps(time, { from: at, until }))
  if (blind) {
    const blindMs = blind.until - blind.at
    throw new InconclusiveError(
      `The probes of ${blind.source} did not run for ${duration(blindMs)} of the time to judge.`,
      mayBeHost(recording, { from: blind.at, until: blind.until }, blindMs) ? 'HOST_NOISE' : 'NOT_PROBED',
      { source: blind.source, blindMs },
    )
  }
  const attempts = recording.of('attempt')
  const until = Math.min(time.until, (attempts.at(-1)?.at ?? 0) - endingMs)
  for (const own of Map.groupBy(attempts, ({ service }) => service).values()) {
    for (const [probe, all] of byProbe(own.filter((attempt) => isFrom(attempt.from)))) {
      const hole = untold(all, { from: time.from, until })
      if (hole === undefined) continue
      throw new InconclusiveError(
        `The journal has no attempt of the probe ${probe} of ${all[0]?.service} for ${duration(hole)} of the time to judge.`,
        'NOT_PROBED',
      )
    }
  }
}

/**
 * The places among `places` whose probers ran all the time: their observations count, even if other places missed
 * something.
 * @throws InconclusiveError NOT_PROBED without such a place
 */
export function observers(recording: Recording, time: Interval, places: Iterable<string>): string[] {
  let missing: InconclusiveError | undefined
  const found = [...new Set(places)].filter((place) => {
    try {
      requireProbed(recording, time, place)
      return true
    } catch (error) {
      if (!(error instanceof InconclusiveError)) throw error
      missing = error
      return false
    }
  })
  if (missing && found.length === 0) throw missing
  return found
}

/** A prober with a longer pause and no recorded gap has lost attempts. */
const longestHoleMs = 2_000

/**
 * Requires the attempts of a probe in some times, unless its prober recorded that it did not run. `attempts` in order
 * of `at`. @throws InconclusiveError NOT_PROBED
 */
export function requireProbedWhole(
  recording: Recording,
  attempts: readonly RecordOf<'attempt'>[],
  times: readonly Interval[],
): void {
  const [first] = attempts
  if (!first) return
  const gaps = recording
    .of('gap')
    .filter(({ source, resource }) => source === first.from && resource.startsWith('probe '))
    .map(({ at, until }) => ({ from: at, until }))
  for (const [n, { at }] of attempts.entries()) {
    const before = attempts[n - 1]?.at ?? at
    if (at - before <= longestHoleMs) continue
    const hole = times
      .flatMap((time) => without({ from: Math.max(before, time.from), until: Math.min(at, time.until) }, gaps))
      .find(({ from, until }) => until - from > longestHoleMs)
    if (!hole) continue
    throw new InconclusiveError(
      `No attempt of ${first.from} to reach ${first.service} is recorded for ${duration(hole.until - hole.from)}.`,
      'NOT_PROBED',
    )
  }
}

/**
 * The longest time without a due attempt of a probe after its start, if it is longer than its period. `all` in order of
 * `at`.
 */
function untold(all: readonly RecordOf<'attempt'>[], { from, until }: Interval): number | undefined {
  const due = all.map(({ at }) => at)
  const steps = due.slice(1).map((at, n) => ({ at: due[n] ?? at, until: at }))
  const periodMs = Math.min(...steps.flatMap((step) => (step.until > step.at ? [step.until - step.at] : [])))
  const last = due.at(-1) ?? Infinity
  const stretches = [...steps, ...(last < until ? [{ at: last, until }] : [])]
  const hole = stretches.find(
    (step) => step.until - step.at > periodMs * aPeriod && step.at < until && step.until > from,
  )
  return hole && hole.until - hole.at
}
