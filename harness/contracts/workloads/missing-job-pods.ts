import { podCounts } from '../../judge/cluster/pod-counts.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { longestMs, merged, without } from '../../judge/recording/intervals.ts'
import type { JobRun } from './job-runs.ts'

/** The documented delay before the first retry, and the longest one. */
const firstDelayMs = 10_000
const longestDelayMs = 360_000

/** The longest time in which a Job had fewer active pods than it needed, and the controller could create one. */
export function missingPods(
  run: JobRun,
  end: number,
  excused: readonly Interval[],
): { afterMs: number; lasts: boolean } {
  const until = Math.min(end, run.until)
  const left = merged(shortTimes(run, until)).map((time) => ({ time, ms: longestMs(without(time, excused)) }))
  const afterMs = Math.max(0, ...left.map(({ ms }) => ms))
  return { afterMs, lasts: left.some(({ time, ms }) => ms === afterMs && time.until >= until) }
}

/** Between each two changes: when a Job had fewer active pods than it needed, and no back-off delayed the next one. */
export function shortTimes(run: JobRun, until: number): Interval[] {
  const { spec, completions, succeeded, failed, from, pods } = run
  const isShort = (active: number, revision: number): boolean => {
    const done = succeeded.filter(({ resourceVersion }) => resourceVersion <= revision).length
    const lost = failed.filter(({ resourceVersion }) => resourceVersion <= revision).length
    return lost <= spec.backoffLimit && active < Math.min(spec.parallelism, completions - done)
  }
  const changes = podCounts(pods).map(({ at, active, version }) => ({ at, active, revision: version.resourceVersion }))
  const states = [{ at: from, active: 0, revision: 0 }, ...changes]
  return states.flatMap(({ at, active, revision }, n): Interval[] => {
    const next = Math.min(until, states[n + 1]?.at ?? until)
    return isShort(active, revision) ? without({ from: at, until: next }, delays(run)) : []
  })
}

/** The back-off after each failure, which doubles, with a second by which the controller rounds. */
function delays({ failed }: JobRun): Interval[] {
  return failed.map(({ at }, n) => ({
    from: at,
    until: at + Math.min(longestDelayMs, firstDelayMs * 2 ** n) + 1_000,
  }))
}
