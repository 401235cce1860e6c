import type { Recording } from '../../../judge/recording/recording.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { duration } from '../../../judge/verdict/format.ts'
import { served, setting, type SettingQuery } from '../../live-settings.ts'

const gate = 'featureGates.ReduceDefaultCrashLoopBackOffDecay'

/** Longest back-off that the kubelet's configuration sets for the machine. */
const longest = (fallback: string): SettingQuery => ({
  component: 'kubelet',
  path: 'crashLoopBackOff.maxContainerRestartPeriod',
  fallback,
})

/** Until a sandbox and a container start on a busy machine, and for the kubelet's own pause before it retries a pod. */
const allowanceMs = 20_000
/** The status has whole seconds, and the two times of a pause are both cut off. */
const precisionMs = 1_000

export interface BackOff {
  readonly earliest: Bound
  readonly latest: Bound
}

/**
 * How long a container's nth restart waits: the first one may start at once, and each later one after a pause that
 * doubles.
 */
export function backOff(recording: Recording, machine: string, restart: number): BackOff {
  const isReduced = served(recording, 'kubelet', gate) === 'true'
  const { ms, source } = setting(recording, { ...longest(isReduced ? '60s' : '300s'), machine })
  const initialMs = Math.min(isReduced ? 1_000 : 10_000, ms)
  const pause = (exponent: number): number => Math.min(initialMs * 2 ** exponent, ms)
  const curve = `${duration(initialMs)}, doubled by each restart up to ${source}`
  const least = restart < 2 ? 0 : pause(restart - 2)
  return {
    earliest: {
      limit: Math.max(0, least - precisionMs),
      unit: 'ms',
      source: `${curve} - ${duration(precisionMs)} because statuses have whole seconds`,
    },
    latest: {
      limit: pause(restart - 1) + allowanceMs,
      unit: 'ms',
      source: `${curve} + ${duration(allowanceMs)} stated by Holdfast for the start, which nothing documents`,
    },
  }
}
