import { certain, down, faultWindows, type Interval, timesWhen } from '../../judge/faults/fault-windows.ts'
import { type ReplicaSpan, type ReplicaTimeline, replicaTimelines } from '../../judge/cluster/replica-timeline.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { namespaceEnd } from './pod-requests.ts'

/** A ReplicaSet that lost pods while no controller manager ran. */
export interface LostWhileDown {
  /** Until the first controller manager was proven to run again. */
  readonly outage: Interval
  /** When certainly none ran. */
  readonly certain: Interval
  readonly set: ReplicaTimeline
  readonly wanted: number
  /** The first time in which pods were missing. */
  readonly short: ReplicaSpan
  /** What followed, until another number was wanted. */
  readonly after: readonly ReplicaSpan[]
}

export function lostWhileDown(recording: Recording): LostWhileDown[] {
  const hosts = named(recording, 'control-plane')
  const downs = down(faultWindows(recording), 'kube-controller-manager', hosts)
  const certainly = downs.map((one) => {
    const { from, until } = certain({ ...one, revertingAt: one.window.revertingAt })
    return { ...one, from, until }
  })
  const all = (times: typeof downs): Interval[] => timesWhen(times, (machines) => machines.size === hosts.length)
  const possible = all(downs)
  const { until } = span(recording)
  const end = (namespace: string): number => Math.min(until, namespaceEnd(recording, namespace))
  const sets = replicaTimelines(recording, end).filter(({ kind }) => kind === 'ReplicaSet')
  return all(certainly).flatMap((time) => {
    const outage = possible.find((one) => one.from <= time.from && time.from < one.until) ?? time
    return sets.flatMap((set): LostWhileDown[] => {
      const before = set.spans.findLast(({ from }) => from <= time.from)
      const index = set.spans.findIndex((one) => one.from > time.from && one.actual < one.wanted)
      const short = set.spans[index]
      if (!before || before.actual !== before.wanted || !short || short.from >= time.until) return []
      const { wanted } = before
      const changed = set.spans.findIndex((one, n) => n >= index && one.wanted !== wanted)
      const after = set.spans.slice(index, changed < 0 ? undefined : changed)
      return after.length === 0 ? [] : [{ outage, certain: time, set, wanted, short, after }]
    })
  })
}
