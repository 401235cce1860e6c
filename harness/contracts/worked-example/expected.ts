import type { Recording } from '../../judge/recording.ts'
import { span } from '../../judge/scene.ts'
import { InconclusiveError } from '../../judge/inconclusive.ts'
import type { Chain } from './chains.ts'

/** A moment that had to come within `limit` of `from`; `at` is undefined where it never came. */
export interface Expected {
  readonly from: number
  readonly at: number | undefined
  readonly limit: number
}

/** Whether the moment came, or had the time to come before something interrupted the chain. */
export function isJudgeable(recording: Recording, { endsAt }: Chain, { from, at, limit }: Expected): boolean {
  if (from > endsAt) return false
  if (endsAt - from > limit || endsAt >= span(recording).until) return true
  return at !== undefined && (at <= endsAt || at - from <= limit)
}

/**
 * How long the moment took; undefined where it never came although it had the time.
 * @throws InconclusiveError where the recording ends before it had to come
 */
export function tookMs({ name, endsAt }: Chain, { from, at, limit }: Expected, what: string): number | undefined {
  if (at !== undefined) return Math.max(0, at - from)
  if (endsAt - from > limit) return undefined
  throw new InconclusiveError(`The recording of ${name} ends before ${what}.`, 'RECORDING_ENDS')
}
