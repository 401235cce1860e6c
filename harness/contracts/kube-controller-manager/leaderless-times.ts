import type { FaultWindow, Interval } from '../../judge/faults/fault-windows.ts'
import { type Tenure, tenures } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { without } from '../../judge/recording/intervals.ts'
import { type Elected, unableTimes } from './unable-times.ts'

/** Faults that end or freeze one process. */
const takesProcess: readonly string[] = ['kill', 'stop', 'pause', 'crash-loop']

/**
 * When faults kept an elected component from acting, with the observed takeover instead of its bound: a lost instance
 * excuses only the time in which no instance held the Lease. Other faults excuse as in `unableTimes`.
 */
export function leaderlessTimes(recording: Recording, component: Elected): Interval[] {
  const terms = tenures(recording, component)
  const all = unableTimes(recording, component)
  if (terms.length === 0) return all
  const isLoss = ({ fault, target }: FaultWindow): boolean =>
    target.component === component && takesProcess.includes(fault)
  const leaderless = gaps(terms).flatMap((gap) => without(gap, without(gap, all)))
  return [...unableTimes(recording, component, (window) => !isLoss(window)), ...leaderless]
}

/** From the last renewal of each leader until the next one acquired the Lease. */
function gaps(terms: readonly Tenure[]): Interval[] {
  return terms.map(({ renewedAt, until }, n) => {
    const next = terms[n + 1]
    return next ? { from: renewedAt, until: next.from } : { from: until, until: Infinity }
  })
}
