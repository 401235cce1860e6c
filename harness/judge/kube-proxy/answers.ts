import type { RecordOf } from '../../record/records.ts'
import { type PortState, statesDuring } from './port-history.ts'
import type { Endpoint, ProxyMachine } from './service-port.ts'
import { usableEndpoints } from './usable-endpoints.ts'

type Attempt = RecordOf<'attempt'>

/**
 * The probes over fresh connections to a Service's own address that a pod answered although no state of that time sends
 * them there. `machineOf` is undefined for probes that can't be judged. `addresses` are all that a pod has reported:
 * after a restart of its Node it may have the one that its Service's slice still lists for another pod.
 */
export function strayAnswers(
  attempts: readonly Attempt[],
  history: readonly PortState[],
  machineOf: (attempt: Attempt) => ProxyMachine | undefined,
  followMs: number,
  addresses: ReadonlyMap<string, ReadonlySet<string>>,
): { readonly stray: readonly Attempt[]; readonly judged: number } {
  const known = new Map<PortState, Map<string, readonly Endpoint[]>>()
  const usableIn = (state: PortState, machine: ProxyMachine, { service, protocol }: Attempt): readonly Endpoint[] => {
    const own = known.get(state) ?? new Map<string, readonly Endpoint[]>()
    known.set(state, own)
    const name = `${machine.name} ${service} ${protocol}`
    const found = own.get(name) ?? usableOf(state, machine, service, protocol)
    own.set(name, found)
    return found
  }
  const answered = attempts.flatMap((attempt) => {
    const { ok, backend, target = 'cluster-ip', connection = 'fresh' } = attempt
    const machine = machineOf(attempt)
    return ok && backend !== undefined && target === 'cluster-ip' && connection === 'fresh' && machine
      ? [{ attempt, backend, machine }]
      : []
  })
  const stray = answered.filter(({ attempt, backend, machine }) => {
    const states = statesDuring(history, attempt.at - followMs, attempt.endedAt + followMs)
    const own = addresses.get(backend)
    const fits = ({ pod, ip }: Endpoint): boolean => pod === '' || pod === backend || (own?.has(ip) ?? false)
    return !states.some((state) => usableIn(state, machine, attempt).some(fits))
  })
  return { stray: stray.map(({ attempt }) => attempt), judged: answered.length }
}

function usableOf({ ports }: PortState, machine: ProxyMachine, service: string, protocol: string): Endpoint[] {
  return ports
    .filter((port) => port.service === service && port.protocol === protocol)
    .flatMap((port) => {
      const { cluster, local } = usableEndpoints(port, machine)
      return [...(port.internalLocal ? local : cluster)]
    })
}
