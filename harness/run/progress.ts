/** What a person is told while something goes on. `at` is milliseconds on the monotonic clock. */
export interface ProgressEvent {
  readonly at: number
  readonly text: string
  readonly level: 'phase' | 'detail' | 'warn'
}

export type Progress = (event: ProgressEvent) => void
