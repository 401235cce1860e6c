import type { Contract, Finding } from './contract.ts'
import type { Recording } from './recording.ts'
import type { Bound } from './verdict.ts'

/* The old form of contracts, until all are converted; nothing new may use it. */

export type LegacyFinding = Omit<Finding, 'code' | 'values'> & Partial<Finding>

export interface LegacyContract {
  readonly id: string
  readonly area: string
  readonly promise: string
  readonly reference: string
  readonly scenarios: readonly string[]
  judge(recording: Recording): LegacyFinding
}

export type AnyContract = Contract | LegacyContract

export function adopt(contract: AnyContract): Contract {
  if ('needs' in contract) return contract
  const isExercised = ({ scenario }: Recording): boolean => contract.scenarios.includes(scenario)
  return {
    ...contract,
    needs: `a recording of ${contract.scenarios.join(' or ')}`,
    isExercised,
    judge: (recording) =>
      isExercised(recording) ? { code: 'UNCODED', values: {}, ...contract.judge(recording) } : undefined,
  }
}

type Details = Omit<LegacyFinding, 'status' | 'measured' | 'bound' | 'reason'> & {
  readonly pass: string
  readonly late: string
}

export function timed(measured: number, bound: Bound, { pass, late, ...details }: Details): LegacyFinding {
  const inTime = measured <= bound.limit
  return { status: inTime ? 'pass' : 'late', measured, bound, ...details, reason: inTime ? pass : late }
}

export function passed(reason: string, details: Omit<LegacyFinding, 'status' | 'reason'>): LegacyFinding {
  return { status: 'pass', reason, ...details }
}

export function failed(reason: string, details: Omit<LegacyFinding, 'status' | 'reason'>): LegacyFinding {
  return { status: 'fail', reason, ...details }
}
