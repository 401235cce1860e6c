import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import {
  endpointsAt,
  endpointStates,
  type EndpointState,
  followedServices,
} from '../../judge/cluster/service-endpoints.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { endpointsOfLostNode, proxySync } from '../bounds.ts'
import { type BrokenTraffic, lostTraffic } from './lost-traffic.ts'
import { type Silence, silences } from './silences.ts'

/** A Service that had ready endpoints on a Node at the Node's last heartbeat. */
export interface Stranded {
  readonly silence: Silence
  readonly service: string
  readonly states: readonly EndpointState[]
  readonly pods: readonly { readonly pod: string; readonly left: EndpointState | undefined }[]
}

interface Place {
  readonly service: string
  readonly node: string
}

const found = findings({
  ENDPOINT_LEFT_READY: ({ pod, service, node, afterMs }: Place & { readonly pod: string; readonly afterMs: number }) =>
    `${pod} was a ready endpoint of ${service} ${duration(afterMs)} after the last heartbeat of ${node}.`,
  ENDPOINT_READY_AGAIN: ({ pod, service, node }: Place & { readonly pod: string }) =>
    `${pod} became a ready endpoint of ${service} again while ${node} sent no heartbeat.`,
  CONNECTIONS_FAIL: ({ service, from, failed, lagMs }: Failed) =>
    `${counted(failed, 'connection')} to ${service} failed, the last from ${from} ${duration(lagMs)} after its slices had no ready endpoint on the lost Node, and none succeeded afterwards.`,
  CONNECTIONS_FAIL_LATE: ({ service, from, failed, lagMs }: Failed) =>
    `${counted(failed, 'connection')} to ${service} failed, the last from ${from} ${duration(lagMs)} after its slices had no ready endpoint on the lost Node.`,
  ENDPOINTS_GONE: ({ service, node, endpoints, afterMs, probed }: Gone) =>
    `${counted(endpoints, 'endpoint')} of ${service} on ${node} stopped being ready within ${duration(afterMs)}${probed ? ", and no connection failed after kube-proxy's sync" : '; no probe used the Service afterwards'}.`,
  ENDPOINTS_LATE: ({ service, node, afterMs }: Gone) =>
    `${service} had ready endpoints on ${node} until ${duration(afterMs)} after its last heartbeat.`,
})

interface Failed extends Place {
  readonly from: string
  readonly failed: number
  readonly lagMs: number
}

interface Gone extends Place {
  readonly endpoints: number
  readonly afterMs: number
  readonly probed: boolean
}

export const lostEndpoints = defineContract<Stranded>({
  id: 'NODE-09',
  area: 'nodes',
  promise:
    'Pods of a Node that becomes Unknown stop being ready endpoints of their Services, and kube-proxy sends no new connection to them.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/self-healing/',
  stimulus: {
    needs: 'a ready endpoint on a Node that sends no heartbeat until it has to be marked Unknown',
    find: (recording) => {
      const lost = silences(recording)
      if (lost.length === 0) return []
      const services = followedServices(recording).map((service) => ({
        service,
        states: endpointStates(recording, service),
      }))
      return lost.flatMap((silence) => services.flatMap((one) => stranded(recording, silence, one) ?? []))
    },
  },
  judge: (recording, all) => gravest(all, (one) => left(recording, one)),
})

function stranded(
  recording: Recording,
  silence: Silence,
  { service, states }: Pick<Stranded, 'service' | 'states'>,
): Stranded | undefined {
  const { node, heartbeat, since, until } = silence
  const before = endpointsAt(states, Math.max(heartbeat.at, span(recording).from))
  const ready = [...(before?.values() ?? [])].filter((endpoint) => endpoint.node === node && endpoint.ready)
  const pods = ready.map(({ pod }) => ({
    pod,
    left: states.find(({ at, endpoints }) => at > heartbeat.at && !endpoints.get(pod)?.ready),
  }))
  const judged = pods.filter((one) => one.left || until - since > endpointsOfLostNode(recording).limit)
  return judged.length > 0 ? { silence, service, states, pods: judged } : undefined
}

function left(recording: Recording, one: Stranded): Finding {
  const { silence, service, states, pods } = one
  const { node, since, until } = silence
  const fault = silence.fault === undefined ? {} : { fault: silence.fault }
  const bound = endpointsOfLostNode(recording)
  const evidence = [silence.heartbeat.record, ...pods.flatMap((pod) => pod.left?.record ?? [])]
  const goneAt = Math.max(...pods.map((pod) => pod.left?.at ?? until))
  requireWatched(recording, 'endpointslices', since, goneAt)
  const stuck = pods.find((pod) => !pod.left || pod.left.at > until)
  if (stuck) {
    const values = { pod: stuck.pod, service, node, afterMs: until - since }
    return found.fail('ENDPOINT_LEFT_READY', values, { observed: 'endpoints left ready', bound, ...fault, evidence })
  }
  const again = readyAgain(one)
  if (again) {
    const values = { pod: again.pod, service, node }
    const observed = 'an endpoint ready again'
    return found.fail('ENDPOINT_READY_AGAIN', values, {
      observed,
      ...fault,
      evidence: [...evidence, again.state.record],
    })
  }
  const moments = [{ at: goneAt, label: `no ready endpoint on ${node}` }]
  const traffic = lostTraffic(recording, { node, service, states, goneAt, until })
  if (traffic.broken) {
    const details = { bound: proxySync(recording), ...fault, moments, evidence }
    return connectionsFail({ service, node }, traffic.broken, details)
  }
  const afterMs = Math.max(0, goneAt - since)
  return found.timed(
    { pass: 'ENDPOINTS_GONE', late: 'ENDPOINTS_LATE' },
    { service, node, endpoints: pods.length, afterMs, probed: traffic.probed },
    afterMs,
    bound,
    { observed: `${counted(pods.length, 'endpoint')} gone after ${duration(afterMs)}`, ...fault, moments, evidence },
  )
}

function connectionsFail(
  place: Place,
  { from, lagMs, failed, recovered, record }: BrokenTraffic,
  { moments, evidence, ...context }: Required<Pick<Finding, 'bound' | 'moments' | 'evidence'>>,
): Finding {
  const values = { ...place, from, failed, lagMs }
  const details = {
    observed: `${counted(failed, 'failed probe')}, the last ${duration(lagMs)} after the slices changed`,
    measured: lagMs,
    ...context,
    moments: [...moments, { at: record.at, label: 'last failed probe' }],
    evidence: [...evidence, record],
  }
  return recovered
    ? found.late('CONNECTIONS_FAIL_LATE', values, details)
    : found.fail('CONNECTIONS_FAIL', values, details)
}

function readyAgain({ silence, states, pods }: Stranded): { pod: string; state: EndpointState } | undefined {
  for (const { pod, left } of pods) {
    const state = states.find(
      ({ at, endpoints }) => left && at > left.at && at < silence.until && endpoints.get(pod)?.ready,
    )
    if (state) return { pod, state }
  }
  return undefined
}
