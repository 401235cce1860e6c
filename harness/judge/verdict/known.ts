import type { Finding } from '../contract.ts'
import type { Recording } from '../recording/recording.ts'
import type { Bound } from './verdict.ts'
import { duration } from './format.ts'

/**
 * A documented difference of a distribution, or a reported mistake of a version: as data, so that the report names its
 * origin instead of a test excusing it.
 */
export interface KnownDeviation {
  readonly id: string
  readonly distribution: string
  /** The versions of Kubernetes with the deviation. Default: all. */
  readonly kubernetes?: readonly string[]
  /** The contracts that it can make late. It never excuses a failure. */
  readonly contracts: readonly string[]
  /** One sentence: the deviation and its cost. */
  readonly summary: string
  /** Where upstream documents or reports it. */
  readonly reference: string
  /** The largest lateness that it explains, from the cluster's own settings. A later result is `late`. */
  bound(recording: Recording): Bound
}

/**
 * Returns the finding as `known` where a listed deviation of this cluster's distribution explains all of the lateness.
 */
export function orKnownDeviation(
  finding: Finding,
  contract: string,
  recording: Recording,
  deviations: readonly KnownDeviation[],
): Finding {
  const { measured } = finding
  if (finding.status !== 'late' || measured === undefined) return finding
  const cluster = recording.of('cluster').at(-1)
  for (const deviation of deviations) {
    if (deviation.distribution !== cluster?.distribution || !deviation.contracts.includes(contract)) continue
    if (deviation.kubernetes && !deviation.kubernetes.includes(cluster.versions?.['kubernetes'] ?? '')) continue
    const bound = deviation.bound(recording)
    if (measured > bound.limit) continue
    const reason = `${finding.reason} ${deviation.id}: ${deviation.summary} (${deviation.reference}). Within ${duration(bound.limit)}, its own bound.`
    return { ...finding, status: 'known', values: { ...finding.values, deviation: deviation.id }, bound, reason }
  }
  return finding
}
