import type { FindingValues } from './verdict.ts'

/** Thrown by a judge without the necessary evidence: the verdict is `inconclusive` with this message, never a pass. */
export class InconclusiveError extends Error {
  override readonly name = 'InconclusiveError'
  /** A stable code for tests and scripts, such as `NOT_WATCHED`. */
  readonly code: string
  /** The figures and names behind the message. */
  readonly values: FindingValues

  constructor(message: string, code = 'MISSING_EVIDENCE', values: FindingValues = {}) {
    super(message)
    this.code = code
    this.values = values
  }
}

/** Returns a fact that the judge depends on. @throws InconclusiveError where the recording lacks it */
export function requireEvidence<T>(value: T | undefined | null | false, missing: string, code?: string): T {
  if (value === undefined || value === null || value === false) throw new InconclusiveError(missing, code)
  return value
}

/** Returns a non-empty list. @throws InconclusiveError where it is empty */
export function requireNonEmpty<T>(list: readonly T[], missing: string, code?: string): readonly [T, ...T[]] {
  if (list.length === 0) throw new InconclusiveError(missing, code)
  return list as unknown as readonly [T, ...T[]]
}
