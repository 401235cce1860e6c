/**
 * A place where lines of a journal are missing or changed. The reader inserts it before the record of `line`; it is never in a file.
 * `at` is the time of the record before.
 */
export interface LossRecord {
  readonly kind: 'loss'
  readonly at: number
  /** The first affected line, from 1; for a missing end, the line after the last. */
  readonly line: number
  readonly cause: LossCause
}

/**
 * `broken`: the line's chain value does not match the line before. `unchained`: it has no chain value. `torn`: the last line is
 * incomplete. `truncated`: the end of the run is missing.
 */
export type LossCause = 'broken' | 'unchained' | 'torn' | 'truncated'
