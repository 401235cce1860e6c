import type { Finding } from './contract.ts'
import type { Bound } from './verdict.ts'

type Details = Omit<Finding, 'status' | 'measured' | 'bound' | 'reason'> & {
  /** Why it passed, and why it did not: one sentence each. */
  readonly pass: string
  readonly late: string
}

/** A promise that was kept, in time or past its bound. */
export function timed(measured: number, bound: Bound, { pass, late, ...details }: Details): Finding {
  const inTime = measured <= bound.limit
  return { status: inTime ? 'pass' : 'late', measured, bound, ...details, reason: inTime ? pass : late }
}

export function passed(reason: string, details: Omit<Finding, 'status' | 'reason'>): Finding {
  return { status: 'pass', reason, ...details }
}

export function failed(reason: string, details: Omit<Finding, 'status' | 'reason'>): Finding {
  return { status: 'fail', reason, ...details }
}
