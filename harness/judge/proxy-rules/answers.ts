import type { RecordOf } from '../../record/records.ts'
import { type PortState, statesDuring } from './port-history.ts'
import type { ProxyMachine } from './service-port.ts'
import { usableEndpoints } from './usable-endpoints.ts'

type Attempt = RecordOf<'attempt'>

/**
 * The probes over fresh connections to a Service's own address that were answered by a pod to which no state of that time sends
 * them from where they came. `machineOf` is undefined for those of whom nothing is asked.
 */
export function strayAnswers(
  attempts: readonly Attempt[],
  history: readonly PortState[],
  machineOf: (attempt: Attempt) => ProxyMachine | undefined,
  followMs: number,
): { readonly stray: readonly Attempt[]; readonly judged: number } {
  const known = new Map<PortState, Map<string, ReadonlySet<string>>>()
  const podsIn = (state: PortState, machine: ProxyMachine, { service, protocol }: Attempt): ReadonlySet<string> => {
    const own = known.get(state) ?? new Map<string, ReadonlySet<string>>()
    known.set(state, own)
    const name = `${machine.name} ${service} ${protocol}`
    const found = own.get(name) ?? new Set(podsOf(state, machine, service, protocol))
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
    return !states.some((state) => podsIn(state, machine, attempt).has(backend))
  })
  return { stray: stray.map(({ attempt }) => attempt), judged: answered.length }
}

function podsOf({ ports }: PortState, machine: ProxyMachine, service: string, protocol: string): string[] {
  return ports
    .filter((port) => port.service === service && port.protocol === protocol)
    .flatMap((port) => {
      const { cluster, local } = usableEndpoints(port, machine)
      return (port.internalLocal ? local : cluster).map(({ pod }) => pod)
    })
}
