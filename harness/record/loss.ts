/**
 * A place where a journal is not as it was written. The reader puts it before the record of `line`; it is never in a file.
 * `at` is the time of the record before.
 */
export interface LossRecord {
  readonly kind: 'loss'
  readonly at: number
  /** The first line that is affected, from 1; for what is missing at the end, the line after the last. */
  readonly line: number
  readonly cause: LossCause
}

/**
 * `broken`: the line does not continue the one before. `unchained`: it has no chain value. `torn`: the last line is not whole.
 * `truncated`: the run's end is missing.
 */
export type LossCause = 'broken' | 'unchained' | 'torn' | 'truncated'
