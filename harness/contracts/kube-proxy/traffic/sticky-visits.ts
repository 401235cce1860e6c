import { type PortState, portHistory, statesDuring } from '../../../judge/kube-proxy/port-history.ts'
import {
  type Endpoint,
  type ProxyMachine,
  type ServicePort,
  endpointAddress,
} from '../../../judge/kube-proxy/service-port.ts'
import { usableEndpoints } from '../../../judge/kube-proxy/usable-endpoints.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { RecordOf } from '../../../record/records.ts'
import { machineOf, proxyFacts } from '../proxy-facts.ts'

/** One connection of a client: when it was made, when it was answered, and by which pod. */
interface Visit {
  readonly at: number
  readonly endedAt: number
  readonly from: string
  readonly to: string
  readonly protocol: string
  readonly service: string
  readonly backend: string
  readonly record: RecordOf<'attempt'> | RecordOf<'reach'>
}

/** Two consecutive visits of one client to a Service whose session affinity and timeout did not change. */
export interface Return {
  readonly before: Visit
  readonly now: Visit
  readonly timeoutMs: number
  readonly machine: string
  /** Certainly within the timeout; `late`: certainly after it; neither where the edges overlap. */
  readonly inTime: boolean
  readonly late: boolean
  /**
   * Whether the former endpoint was usable at the same address from shortly before the first visit until after the
   * second.
   */
  readonly stayed: boolean
  /** Whether the kernel may have forgotten the client: its rules were removed, or the machine was off. */
  readonly forgotten: boolean
  /** The number of endpoints that the second visit could reach. */
  readonly choices: number
}

/** Every return of a client to a sticky Service that can be judged. */
export function returns(recording: Recording): Return[] {
  const sticky = new Set(
    portHistory(recording).flatMap(({ ports }) => ports.flatMap((port) => (port.stickySeconds ? [port.service] : []))),
  )
  if (sticky.size === 0) return []
  const clients = Map.groupBy(
    visits(recording).filter(({ service }) => sticky.has(service)),
    ({ from, protocol, service, to }) => `${from} ${protocol} ${service} ${to}`,
  )
  return [...clients.values()].flatMap((own) =>
    own.flatMap((now, n) => {
      const before = own[n - 1]
      return before ? (returned(recording, before, now) ?? []) : []
    }),
  )
}

/** The kernel remembers the sender's address, so a machine's probes and its test packets belong to one client. */
function visits(recording: Recording): Visit[] {
  const probes = recording.of('attempt').flatMap((record): Visit[] => {
    const { ok, at, sentAt = at, endedAt, from, to, protocol, service, backend } = record
    const { target = 'cluster-ip', connection = 'fresh' } = record
    return ok && backend !== undefined && target === 'cluster-ip' && connection === 'fresh'
      ? [{ at: sentAt, endedAt, from, to, protocol, service, backend, record }]
      : []
  })
  const packets = recording.of('reach').flatMap((record): Visit[] => {
    const { at, endedAt, from, to, protocol, service, backend, through } = record
    return backend !== undefined && through === ''
      ? [{ at, endedAt, from, to, protocol, service, backend, record }]
      : []
  })
  return [...probes, ...packets].sort((a, b) => a.at - b.at)
}

function returned(recording: Recording, before: Visit, now: Visit): Return | undefined {
  const { machineNamed, isKnown, followMs, disturbancesOf } = proxyFacts(recording)
  const name = machineOf(recording, now.from, now.at)
  const machine = name === undefined ? undefined : machineNamed(name)
  const until = now.endedAt + followMs
  if (!machine || !isKnown({ from: before.at, until })) return undefined
  const states = statesDuring(portHistory(recording), before.at - followMs, until).map((state) => portOf(state, now))
  // No client was sent anywhere before its Service existed.
  const configured = states.slice(states.findIndex((port) => port !== undefined))
  const seconds = configured[0]?.stickySeconds
  if (seconds === undefined || configured.some((port) => port?.stickySeconds !== seconds)) return undefined
  const usable = configured.flatMap((port) => (port ? [usableFrom(port, machine)] : []))
  const timeoutMs = seconds * 1_000
  return {
    before,
    now,
    timeoutMs,
    machine: machine.name,
    inTime: now.endedAt - before.at <= timeoutMs,
    late: now.at - before.endedAt > timeoutMs,
    stayed: hasStayed(usable, before.backend),
    forgotten: disturbancesOf(machine.name).some((one) => one.from <= now.at && one.until >= before.at),
    choices: usable.at(-1)?.length ?? 0,
  }
}

/** The Service's port that a visit was to, in one state. */
function portOf({ ports }: PortState, { service, protocol, to }: Visit): ServicePort | undefined {
  const own = ports.filter((port) => port.service === service && port.protocol === protocol)
  return own.find(({ clusterIP, port }) => `${clusterIP}:${port}` === to) ?? (own.length === 1 ? own[0] : undefined)
}

function usableFrom(port: ServicePort, machine: ProxyMachine): readonly Endpoint[] {
  const { cluster, local } = usableEndpoints(port, machine)
  return port.internalLocal ? local : cluster
}

/** A pod whose Node restarts may stay listed, and has another address afterwards. */
function hasStayed(usable: readonly (readonly Endpoint[])[], backend: string): boolean {
  const addresses = usable.map((endpoints) => endpoints.find(({ pod, ready }) => pod === backend && ready))
  return !addresses.includes(undefined) && new Set(addresses.map((one) => one && endpointAddress(one))).size === 1
}
