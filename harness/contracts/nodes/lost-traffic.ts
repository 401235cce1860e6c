import { possibleFaults } from '../../judge/faults/fault-windows.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import { observers } from '../../judge/coverage/probe-coverage.ts'
import { probeOf } from '../../judge/coverage/probe-gaps.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { balancedAttempts, endpointsAt, type EndpointState } from '../../judge/cluster/service-endpoints.ts'
import type { RecordOf } from '../../record/records.ts'
import { proxySync } from '../bounds.ts'

type Attempt = RecordOf<'attempt'>

interface After {
  readonly node: string
  readonly service: string
  readonly states: readonly EndpointState[]
  /** When the slices had no ready endpoint left on the Node. */
  readonly goneAt: number
  readonly until: number
}

interface Traffic {
  readonly probed: boolean
  readonly broken?: BrokenTraffic
}

export interface BrokenTraffic {
  readonly from: string
  readonly failed: number
  readonly lagMs: number
  /** The same probe was answered later. */
  readonly recovered: boolean
  readonly record: Attempt
}

/**
 * Connections of the other Nodes to a Service after its slices listed no endpoint on a lost Node. Connections that
 * another fault may have hit do not count, nor do connections without a working endpoint.
 * @throws InconclusiveError NOT_PROBED where no prober ran all the time
 */
export function lostTraffic(recording: Recording, after: After): Traffic {
  const { node, service, states, goneAt, until } = after
  const sync = proxySync(recording)
  const attempts = balancedAttempts(recording, service).filter(
    ({ from, at }) => goneAt <= at && at < until && machineOf(recording, from) !== node,
  )
  const failures = attempts.filter(({ ok }) => !ok).filter((one) => !excused(recording, states, one, node))
  const last = failures.at(-1)
  if (last && last.at - goneAt > sync.limit) {
    const recovered = attempts.some((one) => one.ok && one.at > last.at && probeOf(one) === probeOf(last))
    const lagMs = last.at - goneAt
    return { probed: true, broken: { from: last.from, failed: failures.length, lagMs, recovered, record: last } }
  }
  const probed = attempts.some(({ at }) => at > goneAt + sync.limit)
  if (probed) {
    const time = { from: goneAt, until: Math.min(until, goneAt + 2 * sync.limit) }
    observers(
      recording,
      time,
      attempts.map(({ from }) => from),
    )
  }
  return { probed }
}

function excused(recording: Recording, states: readonly EndpointState[], { at, from }: Attempt, node: string): boolean {
  const hit = new Set(
    possibleFaults(recording)
      .filter((window) => window.intentAt <= at && at < window.until)
      .flatMap(({ target }) => target.machines)
      .filter((machine) => machine !== node),
  )
  const ready = [...(endpointsAt(states, at)?.values() ?? [])].filter((endpoint) => endpoint.ready)
  return (
    hit.has(machineOf(recording, from)) ||
    ready.length === 0 ||
    ready.some((endpoint) => endpoint.node === node || hit.has(endpoint.node))
  )
}

/** The machine from which a client connects; for a pod, its Node. */
function machineOf(recording: Recording, from: string): string {
  if (!from.startsWith('pod:')) return from
  const name = from.slice('pod:'.length)
  const pod = objects(recording, 'pods').lives.findLast((life) => life.name === name)
  return pod?.versions.at(-1)?.object.spec.nodeName ?? from
}
