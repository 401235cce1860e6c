import type { Finding } from './contract.ts'
import type { Recording } from './recording.ts'
import type { Bound } from './verdict.ts'
import { duration } from './words.ts'

/**
 * What a distribution does differently on purpose, or a version by a mistake that its authors have owned up to: as data, so that a report
 * says whose it is instead of excusing it in a test.
 */
export interface KnownDeviation {
  readonly id: string
  readonly distribution: string
  /** The versions of Kubernetes that do so, where later ones don't. Default: all. */
  readonly kubernetes?: readonly string[]
  /** The contracts that it can make late. It never excuses a promise that was broken. */
  readonly contracts: readonly string[]
  /** One sentence: what is done, and what that costs. */
  readonly says: string
  /** Where its authors wrote it down. */
  readonly reference: string
  /** How late it may be because of this, from the cluster's own settings. Past that it is late like any other. */
  bound(recording: Recording): Bound
}

/** The finding as `known`, where a listed deviation of this cluster's distribution explains all of the lateness. */
export function orKnown(
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
    const reason = `${finding.reason} ${deviation.id}: ${deviation.says} (${deviation.reference}). Within ${duration(bound.limit)}, its own bound.`
    return { ...finding, status: 'known', values: { ...finding.values, deviation: deviation.id }, bound, reason }
  }
  return finding
}
