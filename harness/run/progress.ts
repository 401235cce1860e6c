import { now } from '../record/clock.ts'

/** What a person is told while something goes on. `at` is milliseconds on the monotonic clock. */
export interface ProgressEvent {
  readonly at: number
  readonly text: string
  readonly level: 'phase' | 'detail' | 'warn'
}

export type Progress = (event: ProgressEvent) => void

/** For those who tell what they do and not when, as a build of images does. */
export function stamped(progress: Progress): (event: Omit<ProgressEvent, 'at'>) => void {
  return (event) => progress({ ...event, at: now() })
}
