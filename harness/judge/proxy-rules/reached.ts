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
  readonly wrong: string | undefined
}

/** Where states were in force shortly before, or were told to us shortly after, the rules of any of them may have met the packet. */
export function reached(
  record: RecordOf<'reach'>,
  history: readonly PortState[],
  machineOf: (name: string) => ProxyMachine,
  followMs: number,
): Reached | undefined {
  const here = machineOf(record.through === '' ? record.from : record.through)
  const sender = record.source === undefined ? machineOf(record.from) : { name: record.from, address: record.source }
  const seen = statesDuring(history, record.at - followMs, record.endedAt + followMs).flatMap((state) => {
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
  const [first] = now.fate
  return {
    record,
    port: now.port,
    endpoints,
    refusal: first?.to === 'reject' || first?.to === 'drop' ? first.to : undefined,
    oldMs: Math.min(...seen.flatMap(({ until }, n) => (wrongs[n] === undefined ? Math.max(0, record.at - until) : []))),
    wrong: wrongs.includes(undefined) ? undefined : wrongWith(record, now.port, now.fate, sender),
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

function wrongWith(
  { outcome, backend, client, from, to }: RecordOf<'reach'>,
  port: ServicePort,
  fate: Fate,
  sender: Sender,
): string | undefined {
  const words = `A packet from ${from} to ${to} (${port.service})`
  const [first] = fate
  if (first?.to === 'reject') return outcome === 'refused' ? undefined : `${words} was ${outcome} instead of refused.`
  if (first?.to === 'drop') return outcome === 'silent' ? undefined : `${words} was ${outcome} instead of dropped.`
  const among = endpointsOf(port, fate)
  if (outcome !== 'answered')
    return `${words} was ${outcome}, and ${among.map(({ pod }) => pod).join(', ')} should answer.`
  if (!among.some(({ pod }) => pod === backend)) {
    return `${words} was answered by ${backend}, and ${among.map(({ pod }) => pod).join(', ')} should.`
  }
  const keepsSender = fate.every(({ masquerade }) => !masquerade)
  if (client !== undefined && keepsSender && client !== sender.address) {
    return `${words} was seen to come from ${client} instead of ${sender.address}.`
  }
  return undefined
}
