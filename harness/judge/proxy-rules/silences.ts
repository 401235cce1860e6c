import type { RecordOf } from '../../record/records.ts'
import { probeGaps } from '../probe-gaps.ts'
import { type PortState, statesDuring } from './port-history.ts'
import { type ProxyMachine, endpointAddress } from './service-port.ts'
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
}

/**
 * Silences of those who probe a Service's own address over fresh connections, for sure longer than `leastMs`: shorter ones may be a busy
 * host's. `machineOf` is the machine that has to send an attempt on; undefined for those of whom nothing is asked.
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
  const probes = Map.groupBy(own, ({ from, service, protocol }) => `${from} ${service} ${protocol}`)
  return [...probes.values()].flatMap((probe) => {
    const [first] = probe
    if (!first) return []
    return probeGaps(probe).gaps.flatMap(({ from, until, failed, atLeastMs }) => {
      const inside = probe.filter(({ at, ok }) => !ok && at >= from && at <= until)
      const [machine] = inside.map(machineOf)
      const judged = atLeastMs > leastMs && machine && inside.every((attempt) => machineOf(attempt))
      if (!judged || !steady(statesDuring(history, from - leastMs, until), machine, first)) return []
      return [{ client: first.from, service: first.service, protocol: first.protocol, from, until, failed }]
    })
  })
}

/** Whether a Service had some endpoints that were ready, and the same ones in every state. */
function steady(states: readonly PortState[], machine: ProxyMachine, { service, protocol }: Attempt): boolean {
  const told = states.map(({ ports }) =>
    ports
      .filter((port) => port.service === service && port.protocol === protocol)
      .flatMap((port) => {
        const { cluster, local } = usableEndpoints(port, machine)
        return (port.internalLocal ? local : cluster).filter(({ ready }) => ready).map(endpointAddress)
      })
      .toSorted()
      .join(),
  )
  return new Set(told).size === 1 && told[0] !== ''
}
