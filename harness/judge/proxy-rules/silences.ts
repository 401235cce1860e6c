import type { RecordOf } from '../../record/records.ts'
import { probeGaps } from '../probe-gaps.ts'
import { type PortState, statesDuring } from './port-history.ts'
import { type Endpoint, type ProxyMachine, endpointAddress } from './service-port.ts'
import { usableEndpoints } from './usable-endpoints.ts'

type Attempt = RecordOf<'attempt'>

/** A time in which nothing was answered that one client sent to a Service, which had the same ready endpoints throughout. */
export interface Silence {
  readonly client: string
  readonly service: string
  readonly protocol: Attempt['protocol']
  /** Milliseconds. */
  readonly from: number
  readonly until: number
  readonly failed: number
  /** The machines between which its packets had to arrive. */
  readonly places: readonly string[]
  readonly attempts: readonly Attempt[]
}

/**
 * Silences of clients that probe a Service's own address over fresh connections, certainly longer than `leastMs`: a busy host may cause
 * shorter ones. A TCP connection that stands without an answer shows that packets arrive, and that an endpoint is busy. `machineOf` is the machine that has to send an attempt on; undefined for those of whom nothing is asked.
 */
export function silences(
  attempts: readonly Attempt[],
  history: readonly PortState[],
  machineOf: (attempt: Attempt) => ProxyMachine | undefined,
  leastMs: number,
): Silence[] {
  const own = attempts.filter(({ target = 'cluster-ip', connection = 'fresh', errorClass }) => {
    return target === 'cluster-ip' && connection === 'fresh' && errorClass !== 'rig' && errorClass !== 'blocked'
  })
  const standing = own.filter(stoodUnanswered)
  const probes = Map.groupBy(own, ({ from, service, protocol }) => `${from} ${service} ${protocol}`)
  return [...probes.values()].flatMap((probe) => {
    const [first] = probe
    if (!first) return []
    return probeGaps(probe).gaps.flatMap(({ from, until, failed, atLeastMs }) => {
      const inside = probe.filter(({ at, ok }) => !ok && at >= from && at <= until)
      const [machine] = inside.map(machineOf)
      const judged = atLeastMs > leastMs && machine && inside.every((attempt) => machineOf(attempt))
      if (standing.some(({ service, at }) => service === first.service && from <= at && at <= until)) return []
      if (!judged) return []
      const usable = statesDuring(history, from - leastMs, until).map((state) => readyIn(state, machine, first))
      if (!steady(usable)) return []
      const places = [machine.name, ...usable.flat().map(({ node }) => node)]
      const { service, protocol } = first
      return [{ client: first.from, service, protocol, from, until, failed, places, attempts: inside }]
    })
  })
}

/** The connection was made, which only rules that work let happen, and its endpoint did not answer in time. */
export function stoodUnanswered({ ok, protocol, errorClass }: Attempt): boolean {
  return !ok && protocol === 'tcp' && errorClass === 'no-answer'
}

function readyIn({ ports }: PortState, machine: ProxyMachine, { service, protocol }: Attempt): Endpoint[] {
  return ports
    .filter((port) => port.service === service && port.protocol === protocol)
    .flatMap((port) => {
      const { cluster, local } = usableEndpoints(port, machine)
      return (port.internalLocal ? local : cluster).filter(({ ready }) => ready)
    })
}

/** Whether there were some endpoints, and the same ones in every state. What is no pod may be anywhere. */
function steady(states: readonly (readonly Endpoint[])[]): boolean {
  if (states.flat().some(({ pod }) => pod === '')) return false
  const listed = states.map((endpoints) => endpoints.map(endpointAddress).toSorted().join())
  return new Set(listed).size === 1 && listed[0] !== ''
}
