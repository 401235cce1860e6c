import type { RecordOf } from '../../record/records.ts'
import { expectations } from './rules/model.ts'
import type { Fate, Packet } from './packet.ts'
import { type PortState, statesDuring } from './port-history.ts'
import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress } from './service-port.ts'

/** A test packet, with the requirement of its Service for the machine that forwards it. */
export interface Reached {
  readonly record: RecordOf<'reach'>
  /** The Service's port at the time of the packet. */
  readonly port: ServicePort
  /** The endpoints that may receive it; empty where it has to be refused. */
  readonly endpoints: readonly Endpoint[]
  /** How it is refused without endpoints: with an answer, or silently. */
  readonly refusal: 'reject' | 'drop' | undefined
  /** The age of the state that the result matches, in milliseconds; 0 for the state at that time. */
  readonly oldMs: number
  /** What is wrong with the result; undefined if nothing is. */
  readonly wrong: WrongPacket | undefined
}

/**
 * The rules of states from shortly before may still apply, and the recorder may receive newer states shortly
 * afterwards.
 */
export function reached(
  record: RecordOf<'reach'>,
  history: readonly PortState[],
  machineOf: (name: string) => ProxyMachine | undefined,
  followMs: number,
): Reached | undefined {
  const here = machineOf(record.through === '' ? record.from : record.through)
  const sender = record.source === undefined ? machineOf(record.from) : { name: record.from, address: record.source }
  if (!here || !sender) return undefined
  const states = statesDuring(history, record.at - followMs, record.endedAt + followMs)
  const seen = states.flatMap((state) => {
    const expected = expectations(
      state.ports.filter(({ service }) => service === record.service),
      here,
    ).find(({ packet }) => isOf(packet, record, sender, here))
    return expected ? [{ ...expected, at: state.at, until: state.until }] : []
  })
  // The sort of a packet follows from the state at its time.
  const now = seen.findLast(({ at }) => at <= record.at) ?? seen[0]
  if (!now) return undefined
  const wrongs = seen.map(({ port, fate }) => wrongWith(record, port, fate, sender))
  const endpoints = endpointsOf(now.port, now.fate)
  const oldest = seen.flatMap(({ until }, n) => (wrongs[n] === undefined ? Math.max(0, record.at - until) : []))
  const [first] = now.fate
  // A machine may not yet have the rules of a Service that was created or deleted meanwhile.
  const unserved = seen.length < states.length && record.outcome !== 'answered'
  return {
    record,
    port: now.port,
    endpoints,
    refusal: first?.to === 'reject' || first?.to === 'drop' ? first.to : undefined,
    oldMs: Math.min(...oldest),
    wrong: unserved || wrongs.includes(undefined) ? undefined : wrongWith(record, now.port, now.fate, sender),
  }
}

type Sender = Pick<ProxyMachine, 'name' | 'address'>

function isOf(packet: Packet, record: RecordOf<'reach'>, sender: Sender, here: ProxyMachine): boolean {
  const from = sender.name === here.name ? 'machine' : 'outside'
  return (
    `${packet.destination}:${packet.port}` === record.to && packet.protocol === record.protocol && packet.from === from
  )
}

function endpointsOf({ endpoints }: ServicePort, fate: Fate): Endpoint[] {
  return endpoints.filter((endpoint) => fate.some(({ to }) => to === endpointAddress(endpoint)))
}

/** A wrong result in the form of a contract's finding. */
export interface WrongPacket {
  readonly code: 'NOT_REFUSED' | 'NOT_DROPPED' | 'NOT_ANSWERED' | 'ANSWERED_ELSEWHERE' | 'SENDER_CHANGED'
  readonly values: {
    readonly from: string
    readonly to: string
    readonly service: string
    readonly outcome: string
    /** The pod that answered, '' without an answer. */
    readonly backend: string
    /** The pods that may answer. */
    readonly due: readonly string[]
    /** The address that the pod received, '' where it was not recorded, and the sender's address. */
    readonly client: string
    readonly sender: string
  }
}

function wrongWith(
  { outcome, backend = '', client = '', from, to, service }: RecordOf<'reach'>,
  port: ServicePort,
  fate: Fate,
  sender: Sender,
): WrongPacket | undefined {
  const among = endpointsOf(port, fate)
  const due = among.map(({ pod }) => pod)
  const values = { from, to, service, outcome, backend, due, client, sender: sender.address }
  const [first] = fate
  if (first?.to === 'reject') return outcome === 'refused' ? undefined : { code: 'NOT_REFUSED', values }
  if (first?.to === 'drop') return outcome === 'silent' ? undefined : { code: 'NOT_DROPPED', values }
  if (outcome !== 'answered') return { code: 'NOT_ANSWERED', values }
  // An endpoint without a pod answers under a name that no slice lists.
  if (due.every((pod) => pod !== '' && pod !== backend)) return { code: 'ANSWERED_ELSEWHERE', values }
  const keepsSender = fate.every(({ masquerade }) => !masquerade)
  return client !== '' && keepsSender && client !== sender.address ? { code: 'SENDER_CHANGED', values } : undefined
}
