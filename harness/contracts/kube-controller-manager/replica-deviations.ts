import type { Interval } from '../../judge/faults/fault-windows.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { type ReplicaSpan, type ReplicaTimeline, replicaTimelines } from '../../judge/cluster/replica-timeline.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { reconcile } from '../bounds.ts'
import type { JournalRecord } from '../../record/records.ts'
import { namespaceEnd, refusedRequest } from './pod-requests.ts'
import { unableTimes } from './unable-times.ts'

/** A time in which an object had fewer or more replicas than wanted. */
export interface Deviation extends Interval {
  readonly kind: ReplicaTimeline['kind']
  readonly namespace: string
  readonly name: string
  readonly wanted: number
  /** The number of replicas at its end. */
  readonly actual: number
  readonly corrected: boolean
  /** The changes during the deviation. */
  readonly records: readonly JournalRecord[]
  /** The longest continuous time in which the controllers could correct it and did not. */
  readonly afterMs: number
}

/** Every deviation that was corrected, or that had to be. */
export function deviations(recording: Recording): Deviation[] {
  const { until } = span(recording)
  const from = Math.max(span(recording).from, listedBy(recording))
  const excuses = [
    ...unableTimes(recording, 'kube-controller-manager'),
    ...(['pods', 'replicasets', 'deployments'] as const).flatMap((resource) => blindTimes(recording, resource)),
  ]
  const end = (namespace: string): number => Math.min(until, namespaceEnd(recording, namespace))
  return replicaTimelines(recording, end).flatMap(({ spans, ...whose }) =>
    stretches(spans)
      .map((one) => {
        const time = { from: Math.max(from, one.from), until: one.until }
        return { ...whose, ...one, ...time, afterMs: longestMs(without(time, excuses)) }
      })
      .filter((one) => one.afterMs > 0 && (one.corrected || one.afterMs > reconcile.limit))
      .filter((one) => one.kind === 'Deployment' || !refusedRequest(recording, one.namespace, one)),
  )
}

/** The first lists come one after the other: an object that is in only some of them is not missing in the others. */
function listedBy(recording: Recording): number {
  const lives = (['pods', 'replicasets', 'deployments'] as const).flatMap(
    (resource) => objects(recording, resource).lives,
  )
  return Math.max(-Infinity, ...lives.filter(({ listed }) => listed).map(({ bornAt }) => bornAt))
}

type Stretch = Pick<Deviation, 'from' | 'until' | 'wanted' | 'actual' | 'corrected' | 'records'>

/** Consecutive spans that deviate in the same direction from the same number; a new number is a new task. */
function stretches(spans: readonly ReplicaSpan[]): Stretch[] {
  const found: Stretch[] = []
  let last: (Stretch & { readonly sign: number }) | undefined
  for (const [n, { from, until, wanted, actual, fewer, more, record }] of spans.entries()) {
    const sign = actual < wanted - fewer ? -1 : actual > wanted + more ? 1 : 0
    const isSame = last !== undefined && last.sign === sign && last.wanted === wanted && last.until === from
    if (isSame) found.pop()
    const begun = isSame && last ? last : { from, records: [] }
    const records = [...begun.records, record]
    const corrected = n < spans.length - 1
    last = sign === 0 ? undefined : { from: begun.from, until, wanted, actual, sign, corrected, records }
    if (last) found.push(last)
  }
  return found
}
