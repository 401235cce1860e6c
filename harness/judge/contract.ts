import type { Drawing } from './history/draw.ts'
import type { Recording } from './recording.ts'
import type { Bound, Status } from './verdict.ts'

/** What a judge says; the catalogue adds the contract's own words. */
export interface Finding {
  readonly status: Status
  readonly observed: string
  readonly measured?: number
  readonly bound?: Bound
  readonly reason: string
  /** The fault it was judged under, in words; absent means every fault of the scenario. */
  readonly fault?: string
  /** The smallest part of a history that still breaks the promise: who saw what when, on lanes. */
  readonly drawing?: Drawing
  readonly moments?: readonly { readonly at: number; readonly label: string }[]
}

/** One documented promise and the pure function that judges it over a recording. */
export interface Contract {
  readonly id: string
  readonly area: string
  /** The promise, in our own words. */
  readonly promise: string
  /** The documentation's page. */
  readonly reference: string
  /** Names of the scenarios whose recordings can decide it. */
  readonly scenarios: readonly string[]
  judge(recording: Recording): Finding
}
