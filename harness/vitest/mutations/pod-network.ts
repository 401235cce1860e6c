import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, last, withAllChanged, withChanged, type JournalMutation } from './mutation.ts'

/* Changes to packets between pods, to DNS answers and to Nodes, in the recording of a scenario that has them. */

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

/** DNS returned all ready pods of a headless Service but one. */
export const omittedPod: JournalMutation = (records) => {
  const one = last(records, 'name', ({ addresses }) => addresses.length > 1)
  return withChanged(records, one, { addresses: one.addresses.slice(1) })
}

/** DNS returned another address instead of a Service's cluster IP. */
export const otherClusterIp: JournalMutation = (records) => {
  const one = last(records, 'name', ({ addresses }) => addresses.length === 1)
  return withChanged(records, one, { addresses: ['192.0.2.1'] })
}

type Watch = RecordOf<'watch'>

const conditionsOf = ({ object }: Watch): readonly { readonly type: string; readonly status: string }[] =>
  (object['status'] as { conditions?: { type: string; status: string }[] } | undefined)?.conditions ?? []

const withConditions = (record: Watch, conditions: readonly object[]): Watch => ({
  ...record,
  object: { ...record.object, status: { ...(record.object['status'] as object), conditions } },
})

/** The Node without network configuration was not Ready for a reason that does not name the network. */
export const otherReason: JournalMutation = (records) => {
  const { target } = last(records, 'fault', ({ fault }) => fault === 'remove-cni')
  const fits = (record: Watch): boolean => record.resource === 'nodes' && target.machines.includes(record.name)
  return withAllChanged(records, 'watch', fits, (record) =>
    withConditions(
      record,
      conditionsOf(record).map((one) => (one.type === 'Ready' ? { ...one, message: 'the disk is full' } : one)),
    ),
  )
}

/** A pod that was bound to the Node without network configuration was Ready at once. */
export const startedWithoutNetwork: JournalMutation = (records) => {
  const { at, target } = last(records, 'fault', ({ fault, edge }) => fault === 'remove-cni' && edge === 'injected')
  const { uid } = last(records, 'watch', ({ resource, event, object, at: time }) => {
    if (resource !== 'pods') return false
    const { nodeName = '' } = object['spec'] as { nodeName?: string }
    return event === 'added' && time > at && target.machines.includes(nodeName)
  })
  const fits = (record: Watch): boolean => record.uid === uid
  return withAllChanged(records, 'watch', fits, (record) => withConditions(record, [{ type: 'Ready', status: 'True' }]))
}
