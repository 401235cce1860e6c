import type { RecordOf } from '../record/records.ts'
import { type Interval, overlaps } from './fault-windows.ts'
import { mayBeHost } from './host-noise.ts'
import { without } from './intervals.ts'
import { byProbe } from './probe-gaps.ts'
import type { Recording } from './recording.ts'
import { InconclusiveError } from './inconclusive.ts'
import { duration } from './words.ts'

/** Probes are stopped one after the other, and what is not answered then is not told: by then all that was tried before was. */
const endingMs = 2_000
/** Due times are whole periods apart, and clocks have no such precision. */
const aPeriod = 1.5

/**
 * Refuses to say that nothing failed in a time in which a prober did not run itself: it said so, or attempts that were due are
 * not told. `from` limits it to the probes of one place.
 * @throws InconclusiveError HOST_NOISE where measured delays of the host may account for that, else NOT_PROBED
 */
export function needProbed(recording: Recording, time: Interval, from?: string): void {
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
        `Of the probe ${probe} of ${all[0]?.service} nothing is told for ${duration(hole)} of the time to judge.`,
        'NOT_PROBED',
      )
    }
  }
}

/**
 * The places among `places` whose probers ran in all of a time: they observed it, whatever others missed.
 * @throws InconclusiveError NOT_PROBED where there is none
 */
export function observers(recording: Recording, time: Interval, places: Iterable<string>): string[] {
  let missing: InconclusiveError | undefined
  const found = [...new Set(places)].filter((place) => {
    try {
      needProbed(recording, time, place)
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

/** A prober that stops for longer without a record of it has lost some. */
const longestHoleMs = 2_000

/**
 * Refuses to judge a probe of which attempts are missing in some times, unless its prober recorded that it did not run. `attempts` in
 * order of `at`. @throws InconclusiveError NOT_PROBED
 */
export function needProbedWhole(
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

/** How long none of a probe's attempts was due in a time, once it had begun, if that was longer than its period. `all` in order of `at`. */
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
