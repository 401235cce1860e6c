/** Progress of a build. */
export interface ProgressEvent {
  readonly text: string
  /** `phase`: a step begins or ends; `detail`: its current activity; `warn`: a warning. */
  readonly level: 'phase' | 'detail' | 'warn'
}
export type Progress = (event: ProgressEvent) => void

/** Expected duration of a step. */
export interface PlannedStep {
  readonly id: string
  /** Seconds on a typical machine with an empty cache. */
  readonly seconds: number
  /** Seconds that it took on this host last time. */
  readonly recorded?: number | undefined
}

/** Weight of the built-in figures against measurements of this host, in seconds. */
const priorSeconds = 120

/**
 * Estimates the seconds that a build has left, from recorded durations and from built-in figures scaled by the finished steps. A recorded
 * build may have had cached packages: a step that exceeds its record is expected to take the built-in time, and after that a fifth more
 * than its elapsed time.
 */
export function secondsLeft(
  plan: readonly PlannedStep[],
  finished: ReadonlyMap<string, number>,
  running?: { readonly id: string; readonly elapsed: number },
): number {
  let guessed = priorSeconds
  let measured = priorSeconds
  for (const step of plan) {
    const took = finished.get(step.id)
    if (step.recorded !== undefined || took === undefined) continue
    guessed += step.seconds
    measured += took
  }
  const scale = measured / guessed
  let left = 0
  for (const step of plan) {
    if (finished.has(step.id)) continue
    const elapsed = step.id === running?.id ? running.elapsed : 0
    const recorded = step.recorded !== undefined && elapsed <= step.recorded ? step.recorded : undefined
    left += Math.max((recorded ?? step.seconds * scale) - elapsed, elapsed / 5)
  }
  return left
}

/** Formats an estimate, rounded: `20 s`, `4 min`. */
export function formatEstimate(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 90) return `${Math.round(seconds / 10) * 10} s`
  return `${Math.round(seconds / 60)} min`
}
