import type { Drawing } from '../history/draw.ts'

/** The outcome of one contract on one recording; docs/architecture.md defines each word. */
export type Status =
  'pass' | 'fail' | 'late' | 'known' | 'invalid' | 'inconclusive' | 'not-applicable' | 'not-exercised'

/** A contract's limit, resolved from the live configuration. `limit` in `unit`; `source` states its origin. */
export interface Bound {
  readonly limit: number
  readonly unit: 'ms' | 'count' | 'p-value'
  readonly source: string
}

/** One figure or name of a finding. Durations are milliseconds and their names end in `Ms`. */
export type FindingValue = string | number | boolean | readonly string[]
export type FindingValues = Readonly<Record<string, FindingValue>>

/** One contract judged over one scenario's recording. */
export interface Verdict {
  readonly contract: string
  readonly promise: string
  readonly reference: string
  readonly scenario: string
  /** Which recording of the scenario, from 1; absent where there is a single one. */
  readonly repetition?: number
  /** The fault in force as text ("kill kube-scheduler@control-plane1"); '' where the contract needs none. */
  readonly fault: string
  readonly status: Status
  /** Stable code of the finding, such as `TAKEOVER_LATE`; `reason` is generated from it and `values`. */
  readonly code: string
  readonly values: FindingValues
  /** The observation as text that fits a table cell. */
  readonly observed: string
  /** The figure behind `observed`, in the bound's unit. */
  readonly measured?: number
  readonly bound?: Bound
  /** The remaining share of the bound: 1 is all, negative is past it. Absent without a bound. */
  readonly margin?: number
  /** Why it is not a pass, or what the pass rests on. One sentence. */
  readonly reason: string
  /** The smallest part of a history that still violates the rule, with one lane a client. */
  readonly drawing?: Drawing
  /** Times to mark on the timeline. */
  readonly moments: readonly { readonly at: number; readonly label: string }[]
  /** Line numbers of the journal's records on which the verdict rests, ascending, from 1. */
  readonly lines: readonly number[]
}
