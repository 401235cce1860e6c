import type { RecordOf } from '../../record/records.ts'
import { type Interval, during } from '../../judge/faults/fault-windows.ts'
import { byProbe } from '../../judge/coverage/probe-gaps.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines } from '../../judge/recording/cluster-facts.ts'
import { attemptsTo } from '../../judge/cluster/service-endpoints.ts'

/** One probe of a Service around a time. */
export interface Probe {
  readonly service: string
  readonly probe: string
  readonly from: string
  readonly protocol: string
  /** Whether the last attempt before that time was answered; undefined without such an attempt. */
  readonly answeredBefore: boolean | undefined
  readonly during: readonly RecordOf<'attempt'>[]
}

/** Every Service that a Node of the cluster probed, as `<namespace>/<name>`. */
export function probedServices(recording: Recording): string[] {
  const nodes = nodeMachines(recording)
  const own = recording.of('attempt').filter(({ from, target }) => target !== 'api-server' && nodes.includes(from))
  return [...new Set(own.map(({ service }) => service))]
}

/** The probes of a Service that had attempts in a time. */
export function probesIn(recording: Recording, service: string, time: Interval): Probe[] {
  return [...byProbe(attemptsTo(recording, service))].flatMap(([probe, attempts]) => {
    const own = attempts.filter(({ at }) => during(time, at))
    const [first] = own
    if (!first) return []
    const before = attempts.findLast(({ endedAt }) => endedAt <= time.from)
    const { from, protocol } = first
    return [{ service, probe, from, protocol, answeredBefore: before?.ok, during: own }]
  })
}
