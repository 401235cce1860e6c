import type { RecordOf } from '../../record/records.ts'
import { expectations } from './rules/model.ts'
import { type PortState, statesDuring } from './port-history.ts'
import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress } from './service-port.ts'

/**
 * A probe from outside the cluster to a Service's node port, with the requirement of the Service for the Node all
 * through it.
 */
export interface Probed {
  readonly attempt: RecordOf<'attempt'>
  readonly machine: string
  readonly port: ServicePort
  /** The endpoints that may receive it; empty where it has to be refused. */
  readonly endpoints: readonly Endpoint[]
  /** How it is refused without endpoints: with an answer, or silently. */
  readonly refusal: 'reject' | 'drop' | undefined
}

type ExpectedResult = Pick<Probed, 'port' | 'endpoints' | 'refusal'>

/**
 * Only for a time in which all states that may have been in force require the same: during changes the result is
 * undefined.
 */
export function probedFromOutside(
  attempts: readonly RecordOf<'attempt'>[],
  history: readonly PortState[],
  machines: readonly ProxyMachine[],
  followMs: number,
): Probed[] {
  const known = new Map<string, ExpectedResult | undefined>()
  const ids = new Map(history.map((state, n) => [state, n]))
  const expectedIn = (
    state: PortState,
    machine: ProxyMachine,
    attempt: RecordOf<'attempt'>,
  ): ExpectedResult | undefined => {
    const key = `${ids.get(state)} ${machine.name} ${attempt.service} ${attempt.protocol}`
    if (!known.has(key)) known.set(key, expectedOf(state, machine, attempt))
    return known.get(key)
  }
  return attempts.flatMap((attempt) => {
    const { from, target, at, sentAt = at, endedAt, to } = attempt
    const machine = machines.find(({ address }) => to.startsWith(`${address}:`))
    if (from !== 'outside' || target !== 'node-port' || !machine) return []
    const states = statesDuring(history, sentAt - followMs, endedAt + followMs)
    const expected = states.map((state) => expectedIn(state, machine, attempt))
    const [first] = expected
    return first && expected.every((one) => one && keyOf(one) === keyOf(first))
      ? [{ attempt, machine: machine.name, ...first }]
      : []
  })
}

function expectedOf(
  { ports }: PortState,
  machine: ProxyMachine,
  { service, protocol, to }: RecordOf<'attempt'>,
): ExpectedResult | undefined {
  const own = ports.filter((port) => port.service === service && port.protocol === protocol)
  const found = expectations(own, machine).find(
    ({ packet }) => packet.from === 'outside' && `${packet.destination}:${packet.port}` === to,
  )
  if (!found) return undefined
  const { port, fate } = found
  const [first] = fate
  const refusal = first?.to === 'reject' || first?.to === 'drop' ? first.to : undefined
  return {
    port,
    refusal,
    endpoints: port.endpoints.filter((one) => fate.some(({ to: place }) => place === endpointAddress(one))),
  }
}

function keyOf({ refusal, endpoints, port }: ExpectedResult): string {
  return [refusal, port.externalLocal, ...endpoints.map(endpointAddress).toSorted()].join(' ')
}
