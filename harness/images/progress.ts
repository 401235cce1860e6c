/** What a build tells while it runs. */
export interface ProgressEvent {
  readonly text: string
  /** `phase`: a step begins or ends; `detail`: what it is doing; `warn`: something to know. */
  readonly level: 'phase' | 'detail' | 'warn'
}
export type Progress = (event: ProgressEvent) => void

/** A step as it is expected to go. */
export interface PlannedStep {
  readonly id: string
  /** What it takes on a common machine with nothing cached, in seconds. */
  readonly seconds: number
  /** What it took when this machine last did it. */
  readonly recorded?: number | undefined
}

/** How much this machine is trusted to be like the one that the built-in figures come from, in seconds of measurement. */
const priorSeconds = 120

/**
 * How many seconds a build has left. Recorded steps count as they were; built-in figures are scaled by how the finished ones went so far.
 * A record may be of a build that found its compiled packages cached: a step that overruns it is expected to take the built-in time, and one
 * that overruns that too, a fifth more of what it has had.
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

/** Seconds as people say them: `20 s`, `4 min`; rounded, for it is a guess. */
export function spoken(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 90) return `${Math.round(seconds / 10) * 10} s`
  return `${Math.round(seconds / 60)} min`
}
