import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, last, withAllChanged, type JournalMutation } from './mutation.ts'

/* Changes to packets between pods, in the recording of a scenario that sends some. */

type Packet = RecordOf<'reach'>

const isFromPod = ({ from, pod }: Packet): boolean => pod !== undefined && from.startsWith('pod:')

/** The last packet of one pod to a pod that was answered. */
const lastAnswered = (records: readonly JournalRecord[], fits: (packet: Packet) => boolean): Packet =>
  last(records, 'reach', (packet) => packet.outcome === 'answered' && fits(packet))

const sameLane =
  (one: Packet) =>
  ({ from, pod, protocol, bytes }: Packet): boolean =>
    from === one.from && pod === one.pod && protocol === one.protocol && bytes === one.bytes

const failed = (packet: Packet, error: string): Packet => ({
  ...packet,
  outcome: 'broken',
  error,
  backend: undefined,
  client: undefined,
  source: undefined,
})

/** A pod received the address of the sender's Node. */
export const translatedSender: JournalMutation = (records) => {
  const one = lastAnswered(records, (packet) => isFromPod(packet) && packet.client !== undefined)
  const address = all(records, 'cluster').at(-1)?.machines[0]?.address ?? ''
  return withAllChanged(records, 'reach', sameLane(one), (packet) => ({ ...packet, client: address }))
}

/** No large packet from one pod to another one was answered. */
export const lostLargePackets: JournalMutation = (records) => {
  const one = lastAnswered(records, (packet) => isFromPod(packet) && packet.bytes !== undefined)
  return withAllChanged(records, 'reach', sameLane(one), (packet) => failed(packet, 'EMSGSIZE'))
}

/** A machine did not reach a pod of its own. */
export const unreachedOwnPod: JournalMutation = (records) => {
  const one = lastAnswered(records, (packet) => packet.pod !== undefined && !isFromPod(packet))
  return withAllChanged(records, 'reach', sameLane(one), (packet) => failed(packet, 'EHOSTUNREACH'))
}

const rangeOf = ({ to }: Packet): string => to.replace(/\.\d+:\d+$/, '')

/** After a partition one pod reached no pod of another Node any more. */
export const lastingPartition: JournalMutation = (records) => {
  const healed = last(records, 'fault', ({ edge, target }) => edge === 'healed' && target.network === 'pods')
  const lost = last(records, 'reach', (packet) => {
    return isFromPod(packet) && packet.outcome === 'silent' && packet.at < healed.at
  })
  const fits = (packet: Packet): boolean =>
    packet.from === lost.from && rangeOf(packet) === rangeOf(lost) && packet.at > lost.at
  return withAllChanged(records, 'reach', fits, (packet) => failed(packet, 'EHOSTUNREACH'))
}
