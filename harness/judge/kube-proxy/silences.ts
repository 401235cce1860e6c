import type { RecordOf } from '../../record/records.ts'
import { probeGaps } from '../coverage/probe-gaps.ts'
import { type PortState, statesDuring } from './port-history.ts'
import { type Endpoint, type ProxyMachine, endpointAddress } from './service-port.ts'
import { usableEndpoints } from './usable-endpoints.ts'

type Attempt = RecordOf<'attempt'>

/** A time in which one client's attempts to a Service with the same ready endpoints got no answer. */
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
 * Silences of clients that probe a Service's own address over fresh connections, certainly longer than `leastMs`: a
 * busy host may cause shorter ones. For a silence that began within `leastMs` of a change of endpoints, the time after
 * that counts.
 * An established TCP connection without an answer shows that packets arrive and that an endpoint is busy.
 * `machineOf` is the machine that has to forward an attempt; undefined for attempts that are not judged.
 * `isDisturbed`: whether a fault may have lost it between some machines.
 */
export function silences(
  attempts: readonly Attempt[],
  history: readonly PortState[],
  machineOf: (attempt: Attempt) => ProxyMachine | undefined,
  isDisturbed: (attempt: Attempt, places: readonly string[]) => boolean,
  leastMs: number,
): Silence[] {
  const own = attempts.filter(({ target = 'cluster-ip', connection = 'fresh', errorClass }) => {
    return target === 'cluster-ip' && connection === 'fresh' && errorClass !== 'rig' && errorClass !== 'blocked'
  })
  const standing = own.filter(stoodUnanswered)
  const probes = Map.groupBy(own, ({ from, service, protocol }) => `${from} ${service} ${protocol}`)
  return [...probes.values()].flatMap((probe) =>
    probeGaps(probe).gaps.flatMap(({ from, until, atLeastMs }) => {
      if (atLeastMs <= leastMs) return []
      const failed = probe.filter(({ at, ok }) => !ok && at >= from && at <= until)
      const [machine] = failed.flatMap((attempt) => machineOf(attempt) ?? [])
      const [first] = failed
      if (!machine || !first) return []
      const usable = (state: PortState): readonly Endpoint[] => readyIn(state, machine, first)
      return steadyTimes(statesDuring(history, from - leastMs, until), usable).flatMap((time) => {
        const places = [machine.name, ...time.endpoints.map(({ node }) => node)]
        const inside = failed.filter(({ at }) => at >= time.from + leastMs && at <= time.until)
        const due = runsOf(inside, (attempt) => machineOf(attempt) !== undefined && !isDisturbed(attempt, places))
        return due
          .map((attempts) => silenceOf(attempts, places))
          .filter((silent) => silent.until - silent.from > leastMs && !stands(silent, standing))
      })
    }),
  )
}

/** `attempts` in order of `at`, all unanswered. */
function silenceOf(attempts: readonly [Attempt, ...Attempt[]], places: readonly string[]): Silence {
  const [{ from: client, service, protocol, at }] = attempts
  const until = Math.max(...attempts.map((one) => one.at))
  return { client, service, protocol, from: at, until, failed: attempts.length, places, attempts }
}

/** Another client's established connection is no evidence for this one's packets. */
function stands({ client, service, from, until }: Silence, standing: readonly Attempt[]): boolean {
  return standing.some((one) => one.from === client && one.service === service && from <= one.at && one.at <= until)
}

/** Consecutive attempts that fit, without another attempt between them. */
function runsOf(attempts: readonly Attempt[], fits: (attempt: Attempt) => boolean): [Attempt, ...Attempt[]][] {
  const runs: [Attempt, ...Attempt[]][] = []
  let open = false
  for (const attempt of attempts) {
    const last = runs.at(-1)
    if (!fits(attempt)) open = false
    else if (open && last) last.push(attempt)
    else {
      runs.push([attempt])
      open = true
    }
  }
  return runs
}

/** The times in which a Service had the same ready endpoints, all of them pods: other endpoints may be anywhere. */
function steadyTimes(
  states: readonly PortState[],
  usable: (state: PortState) => readonly Endpoint[],
): { from: number; until: number; endpoints: readonly Endpoint[] }[] {
  const found: { from: number; until: number; endpoints: readonly Endpoint[]; key: string }[] = []
  for (const state of states) {
    const endpoints = usable(state)
    const key = endpoints.map(endpointAddress).toSorted().join()
    const last = found.at(-1)
    if (last?.key === key) last.until = state.until
    else found.push({ from: state.at, until: state.until, endpoints, key })
  }
  return found.filter(({ endpoints }) => endpoints.length > 0 && endpoints.every(({ pod }) => pod !== ''))
}

/**
 * The connection was established, which proves that the rules let it through, and its endpoint did not answer in time.
 */
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
