import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Chain } from './chains.ts'

/** An event that was due within `limit` after `from`; `at` is undefined where it never happened. */
export interface Expected {
  readonly from: number
  readonly at: number | undefined
  readonly limit: number
}

/** Whether the event happened, or had the time to happen before the chain was interrupted. */
export function isJudgeable(recording: Recording, { endsAt }: Chain, { from, at, limit }: Expected): boolean {
  if (from > endsAt) return false
  if (endsAt - from > limit || endsAt >= span(recording).until) return true
  return at !== undefined && (at <= endsAt || at - from <= limit)
}

/**
 * How long the event took; undefined where it never happened although it had the time.
 * @throws InconclusiveError where the recording ends before it was due
 */
export function tookMs({ name, endsAt }: Chain, { from, at, limit }: Expected, what: string): number | undefined {
  if (at !== undefined) return Math.max(0, at - from)
  if (endsAt - from > limit) return undefined
  throw new InconclusiveError(`The recording of ${name} ends before ${what}.`, 'RECORDING_ENDS')
}
