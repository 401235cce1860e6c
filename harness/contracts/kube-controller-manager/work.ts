import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { JournalRecord } from '../../record/records.ts'

/** Something that controllers had begun and not finished at a moment. */
export interface Work {
  readonly what: string
  /** Between each two changes: when a controller had to make the next one. */
  readonly due: readonly Interval[]
  readonly done: boolean
  /** The most pods that were created above the wanted number. */
  readonly surplus: number
  readonly records: readonly JournalRecord[]
}
