/** What a build tells while it runs. `at` is in milliseconds since the build was asked for. */
export interface ProgressEvent {
  readonly at: number
  readonly text: string
  /** `phase`: a step begins or ends; `detail`: what it is doing; `warn`: something to know. */
  readonly level: 'phase' | 'detail' | 'warn'
}
export type Progress = (event: ProgressEvent) => void

/** A step as it is expected to go. */
export interface PlannedStep {
  readonly id: string
  readonly seconds: number
  /** Whether `seconds` was measured on this machine; if not, it is a figure from another one and gets scaled. */
  readonly recorded: boolean
}

/** How much this machine is trusted to be like the one that the built-in figures come from, in seconds of measurement. */
const priorSeconds = 30

/**
 * How many seconds a build has left. Recorded steps count as they are; built-in figures are scaled by how the finished ones went so far.
 * A step that overruns is believed to need a fifth more of what it has had.
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
    if (step.recorded || took === undefined) continue
    guessed += step.seconds
    measured += took
  }
  const scale = measured / guessed
  let left = 0
  for (const step of plan) {
    if (finished.has(step.id)) continue
    const expected = step.recorded ? step.seconds : step.seconds * scale
    left += step.id === running?.id ? Math.max(expected - running.elapsed, running.elapsed / 5) : expected
  }
  return left
}

/** Seconds as people say them: `20 s`, `4 min`; rounded, for it is a guess. */
export function spoken(seconds: number): string {
  if (seconds < 10) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 90) return `${Math.round(seconds / 10) * 10} s`
  return `${Math.round(seconds / 60)} min`
}
