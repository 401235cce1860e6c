import type { Drawing } from './history/draw.ts'

/** How a promise came out; the words are defined in docs/architecture.md. */
export type Status = 'pass' | 'fail' | 'late' | 'known' | 'invalid' | 'inconclusive' | 'not-applicable'

/** A promise's number, resolved from the live configuration. `limit` in `unit`; `source` says how it came about. */
export interface Bound {
  readonly limit: number
  readonly unit: 'ms' | 'count' | 'p-value'
  readonly source: string
}

/** One contract judged over one scenario's recording. */
export interface Verdict {
  readonly contract: string
  readonly promise: string
  readonly reference: string
  readonly scenario: string
  /** The fault that was in force, in words ("kill kube-scheduler@control-plane1"); '' when none is needed. */
  readonly fault: string
  readonly status: Status
  /** What was seen, in words that fit a table cell. */
  readonly observed: string
  /** The figure behind `observed`, in the bound's unit. */
  readonly measured?: number
  readonly bound?: Bound
  /** How much of the bound was left, 1 is all, negative is past it. Absent where there is no bound. */
  readonly margin?: number
  /** Why it is not a pass, or what the pass rests on. One sentence. */
  readonly reason: string
  /** The smallest part of a history that still breaks the promise: who saw what when, on lanes. */
  readonly drawing?: Drawing
  /** Moments worth drawing on the timeline. */
  readonly moments: readonly { readonly at: number; readonly label: string }[]
}
