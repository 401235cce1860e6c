import type { RecordOf } from '../../record/records.ts'
import { expectations } from './model.ts'
import type { Fate, Packet } from './packet.ts'
import { type PortState, statesDuring } from './port-history.ts'
import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress } from './service-port.ts'

/** A packet that was sent, with what Services asked of the machine that had to send it on. */
export interface Reached {
  readonly record: RecordOf<'reach'>
  /** The port as it was when the packet was sent. */
  readonly port: ServicePort
  /** The endpoints that it could be sent to then; none where it was to be refused. */
  readonly endpoints: readonly Endpoint[]
  /** Refused without an answer, or silently, where there was none. */
  readonly refusal: 'reject' | 'drop' | undefined
  /** How long before it was sent that was asked for the last time which it met, milliseconds; 0 if it was asked then. */
  readonly oldMs: number
  /** What is wrong with what came back; undefined if nothing is. */
  readonly wrong: WrongPacket | undefined
}

/** Where states were in force shortly before, or were told to us shortly after, the rules of any of them may have met the packet. */
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
    const asked = expectations(
      state.ports.filter(({ service }) => service === record.service),
      here,
    ).find(({ packet }) => isOf(packet, record, sender, here))
    return asked ? [{ ...asked, at: state.at, until: state.until }] : []
  })
  // Which sort of packet it was is what was asked when it was sent.
  const now = seen.findLast(({ at }) => at <= record.at) ?? seen[0]
  if (!now) return undefined
  const wrongs = seen.map(({ port, fate }) => wrongWith(record, port, fate, sender))
  const endpoints = endpointsOf(now.port, now.fate)
  const oldest = seen.flatMap(({ until }, n) => (wrongs[n] === undefined ? Math.max(0, record.at - until) : []))
  const [first] = now.fate
  // A Service that came or went meanwhile may have been unknown to the machine, which then answers for nothing.
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

/** What is wrong with what came back, as a contract's finding has it. */
export interface WrongPacket {
  readonly code: 'NOT_REFUSED' | 'NOT_DROPPED' | 'NOT_ANSWERED' | 'ANSWERED_ELSEWHERE' | 'SENDER_CHANGED'
  readonly values: {
    readonly from: string
    readonly to: string
    readonly service: string
    readonly outcome: string
    /** The pod that answered, '' where none did. */
    readonly backend: string
    /** The pods that may answer. */
    readonly due: readonly string[]
    /** The address that the pod received, '' where it is not recorded, and the one that was to be kept. */
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
  // An endpoint without a pod answers under a name that no slice holds.
  if (due.every((pod) => pod !== '' && pod !== backend)) return { code: 'ANSWERED_ELSEWHERE', values }
  const keepsSender = fate.every(({ masquerade }) => !masquerade)
  return client !== '' && keepsSender && client !== sender.address ? { code: 'SENDER_CHANGED', values } : undefined
}
