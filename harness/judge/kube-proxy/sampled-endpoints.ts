import { type Interval, overlaps } from '../faults/fault-windows.ts'
import type { Recording } from '../recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'
import { blindTimes } from '../coverage/watch-coverage.ts'
import { type PortState, portHistory, proxyMachine, statesDuring } from './port-history.ts'
import type { Endpoint, ProxyMachine, ServicePort } from './service-port.ts'
import { usableEndpoints } from './usable-endpoints.ts'

type Sample = RecordOf<'sample'>

/** Why the endpoints of a sample can't be determined. */
export type Unclear =
  'NOT_WATCHED' | 'SERVICE_UNKNOWN' | 'ENDPOINTS_CHANGED' | 'ENDPOINTS_WITHOUT_PODS' | 'SEVERAL_PORTS'

/** The endpoints that a sender may use throughout a sample. */
export interface Sampled {
  readonly endpoints: readonly Endpoint[]
  /**
   * They changed shortly before, so a Node may have begun with the old ones. Such a sample can't show a breach; but an
   * even sample can't result from old rules.
   */
  readonly settling: boolean
  /** The Service's affinity keeps a client at one endpoint, so its connections are no evidence about probabilities. */
  readonly sticky: boolean
}

/**
 * The endpoints that have to share the connections of a sample sent by a machine: by traffic policy, hints and
 * readiness. `syncMs`: how long a machine's rules may be behind; `behindMs`: how long with the faults of that time.
 */
export function sampledEndpoints(
  recording: Recording,
  sample: Sample,
  machineName: string,
  { syncMs, behindMs }: { readonly syncMs: number; readonly behindMs: number },
): Sampled | Unclear {
  const time: Interval = { from: sample.at - behindMs, until: sample.endedAt }
  const blind = ['services', 'endpointslices'].flatMap((resource) => blindTimes(recording, resource))
  if (blind.some((one) => overlaps(one, { ...time, from: sample.at - syncMs }))) return 'NOT_WATCHED'
  // Policies do not depend on the range of pods.
  const machine = proxyMachine(recording, machineName, '')
  const states = statesDuring(portHistory(recording), time.from, time.until)
  const usable = states.map((state) => usableIn(state, machine, sample))
  const now = states.findLastIndex(({ at }) => at <= sample.at)
  const current = usable[now]
  if (current === undefined) return 'SERVICE_UNKNOWN'
  if (current === 'SEVERAL_PORTS') return current
  if (usable.slice(now + 1).some((one) => !isSame(one, current))) return 'ENDPOINTS_CHANGED'
  if (current.endpoints.some(({ pod }) => pod === '')) return 'ENDPOINTS_WITHOUT_PODS'
  const settling = (states[0]?.at ?? Infinity) > time.from || usable.slice(0, now).some((one) => !isSame(one, current))
  return { ...current, settling }
}

type Usable = Pick<Sampled, 'endpoints' | 'sticky'>

function usableIn({ ports }: PortState, machine: ProxyMachine, sample: Sample): Usable | 'SEVERAL_PORTS' | undefined {
  const own = ports.filter(({ service, protocol }) => service === sample.service && protocol === sample.protocol)
  const [first, ...others] = own.map((port) => usableOf(port, machine))
  // A sample does not record the port of its connections; several ports may lead to the same pods.
  return first && others.some((one) => !isSame(one, first)) ? 'SEVERAL_PORTS' : first
}

function usableOf(port: ServicePort, machine: ProxyMachine): Usable {
  const { cluster, local } = usableEndpoints(port, machine)
  return { endpoints: port.internalLocal ? local : cluster, sticky: port.stickySeconds !== undefined }
}

function isSame(one: Usable | 'SEVERAL_PORTS' | undefined, other: Usable): boolean {
  if (one === undefined || one === 'SEVERAL_PORTS') return false
  return one.sticky === other.sticky && keyOf(one) === keyOf(other)
}

/** A changed address counts as another endpoint: rules have to follow. */
function keyOf({ endpoints }: Usable): string {
  return endpoints
    .map(({ ip, pod }) => `${pod} ${ip}`)
    .toSorted()
    .join()
}
