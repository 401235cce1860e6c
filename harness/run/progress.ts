import { now } from '../record/clock.ts'

/** Progress shown to the user. `at` is milliseconds on the monotonic clock. */
export interface ProgressEvent {
  readonly at: number
  readonly text: string
  readonly level: 'phase' | 'detail' | 'warn'
}

export type Progress = (event: ProgressEvent) => void

/** Adapts a sink for events without a time, such as those of image builds. */
export function stamped(progress: Progress): (event: Omit<ProgressEvent, 'at'>) => void {
  return (event) => progress({ ...event, at: now() })
}
