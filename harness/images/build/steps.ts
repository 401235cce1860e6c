import type { BuildContext } from './build-context.ts'
import { readDurations, recordDuration } from './durations.ts'
import { secondsLeft, formatEstimate, type PlannedStep, type Progress, type ProgressEvent } from './progress.ts'

/** One step of a build. Steps with existing results are not in the list. */
export interface Step {
  /** Short name, under which the duration is recorded. */
  readonly id: string
  readonly title: string
  /** Seconds on two cores with nothing cached. */
  readonly seconds: number
  readonly run: (context: BuildContext) => Promise<void>
}

const tickMs = 10_000

export type Report = (level: ProgressEvent['level'], text: string) => void

/** Adapts texts to progress events. */
export function reporter(progress: Progress | undefined): Report {
  return (level, text) => progress?.({ level, text })
}

/** Runs steps in order, reports progress, and records their durations. */
export async function runSteps(
  steps: readonly Step[],
  base: Omit<BuildContext, 'detail' | 'warn'>,
  report: Report,
): Promise<void> {
  const known = await readDurations(base.cache)
  const plan = steps.map(({ id, seconds }): PlannedStep => ({ id, seconds, recorded: known[id] }))
  const finished = new Map<string, number>()
  const context: BuildContext = {
    ...base,
    detail: (text) => report('detail', text),
    warn: (text) => report('warn', text),
  }
  for (const [index, step] of steps.entries()) {
    base.signal?.throwIfAborted()
    const began = performance.now()
    const elapsed = (): number => (performance.now() - began) / 1000
    const left = (): string =>
      `about ${formatEstimate(secondsLeft(plan, finished, { id: step.id, elapsed: elapsed() }))} left`
    report('phase', `${index + 1} of ${steps.length}: ${step.title}; ${left()}`)
    const tick = setInterval(
      () => report('detail', `${step.id}: ${formatEstimate(elapsed())} elapsed, ${left()}`),
      tickMs,
    )
    try {
      await step.run(context)
    } finally {
      clearInterval(tick)
    }
    finished.set(step.id, elapsed())
    await recordDuration(base.cache, step.id, elapsed())
    report('detail', `${step.id}: done in ${formatEstimate(elapsed())}`)
  }
}
