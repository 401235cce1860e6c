import type { BuildContext } from './build-context.ts'
import { readDurations, recordDuration } from './durations.ts'
import { secondsLeft, spoken, type PlannedStep, type Progress, type ProgressEvent } from './progress.ts'

/** One step of a build; a step that finds its work done already is not in the list. */
export interface Step {
  /** Short; the name under which its duration is remembered. */
  readonly id: string
  readonly title: string
  /** Seconds on two cores with nothing cached. */
  readonly seconds: number
  readonly run: (context: BuildContext) => Promise<void>
}

const tickMs = 10_000

export type Say = (level: ProgressEvent['level'], text: string) => void

/** Turns texts into events. */
export function reporter(progress: Progress | undefined): Say {
  return (level, text) => progress?.({ level, text })
}

/** Runs steps one after the other, tells how far it is, and remembers how long each took. */
export async function runSteps(
  steps: readonly Step[],
  base: Omit<BuildContext, 'detail' | 'warn'>,
  say: Say,
): Promise<void> {
  const known = await readDurations(base.cache)
  const plan = steps.map(({ id, seconds }): PlannedStep => ({ id, seconds, recorded: known[id] }))
  const finished = new Map<string, number>()
  const context: BuildContext = { ...base, detail: (text) => say('detail', text), warn: (text) => say('warn', text) }
  for (const [index, step] of steps.entries()) {
    base.signal?.throwIfAborted()
    const began = performance.now()
    const elapsed = (): number => (performance.now() - began) / 1000
    const left = (): string => `about ${spoken(secondsLeft(plan, finished, { id: step.id, elapsed: elapsed() }))} left`
    say('phase', `${index + 1} of ${steps.length}: ${step.title}; ${left()}`)
    const tick = setInterval(() => say('detail', `${step.id}: ${spoken(elapsed())} so far, ${left()}`), tickMs)
    try {
      await step.run(context)
    } finally {
      clearInterval(tick)
    }
    finished.set(step.id, elapsed())
    await recordDuration(base.cache, step.id, elapsed())
    say('detail', `${step.id}: done in ${spoken(elapsed())}`)
  }
}
