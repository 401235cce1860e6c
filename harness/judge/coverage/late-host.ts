import type { JournalRecord } from '../../record/records.ts'
import type { Finding } from '../contract.ts'
import type { Interval } from '../faults/fault-windows.ts'
import { hostFigures, mayBeHost } from './host-noise.ts'
import type { Recording } from '../recording/recording.ts'
import { duration } from '../verdict/format.ts'

/**
 * The finding itself, or HOST_NOISE where it is late by no more than the measured delays of the host may account for: a bound of a
 * second or two is no evidence about a cluster that had no processor for that long.
 */
export function orHostNoise(finding: Finding, recording: Recording): Finding {
  const { status, bound, measured, evidence = [], ...rest } = finding
  if (status !== 'late' || bound?.unit !== 'ms' || measured === undefined || evidence.length === 0) return finding
  const time = spanOf(evidence, measured)
  const lateMs = measured - bound.limit
  if (!mayBeHost(recording, time, lateMs)) return finding
  const figures = hostFigures(recording, time, lateMs)
  return {
    ...rest,
    status: 'inconclusive',
    code: 'HOST_NOISE',
    values: { ...rest.values, finding: finding.code, ...figures },
    reason: `${rest.reason} That is ${duration(lateMs)} over the bound, and the host itself was that busy at the time.`,
    bound,
    measured,
    evidence,
  }
}

/** The time that was measured ends with the last record that it rests on. */
function spanOf(evidence: readonly JournalRecord[], measuredMs: number): Interval {
  const until = Math.max(...evidence.map((one) => ('endedAt' in one ? one.endedAt : one.at)))
  return { from: Math.min(until - measuredMs, ...evidence.map(({ at }) => at)), until }
}
