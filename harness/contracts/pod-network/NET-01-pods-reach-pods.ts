import { defineContract, type Finding } from '../../judge/contract.ts'
import { overlaps } from '../../judge/faults/fault-windows.ts'
import { without } from '../../judge/recording/intervals.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { areAvailable } from '../availability/available.ts'
import { longestGap } from '../availability/availability-bounds.ts'
import { noException } from '../bounds.ts'
import { lossyTimes } from './network-faults.ts'
import { type PodPacket, knownPods, podPackets } from './pod-packets.ts'
import { type Lane, lanesOf } from './reachability.ts'

interface Changed {
  readonly lane: string
  readonly source: string
  readonly client: string
}

const found = findings({
  SENDER_CHANGED: ({ lane, source, client }: Changed) =>
    `${lane}: the pod received the sender's address ${client} instead of ${source}.`,
  OTHER_POD_ANSWERED: ({ lane, backend }: { readonly lane: string; readonly backend: string }) =>
    `${lane}: the pod ${backend} answered.`,
  PODS_REACHED: ({ pairs, packets, whole }: Record<'pairs' | 'packets' | 'whole', number>) =>
    `${counted(packets, 'packet')} between ${counted(pairs, 'pair')} of pods kept the sender's address, ${whole} of them as large as the interface allows.`,
})

/** Pods that are Ready together for shorter than this may be missing in every round of packets. */
const noticeMs = 10_000

/** Packets between pods of every Node, while both are Ready and no fault may lose packets between their Nodes. */
export const podsReachPods = defineContract<Lane>({
  id: 'NET-01',
  area: 'pod-network',
  promise:
    "Pods reach each pod on each Node by its address, over TCP and UDP, and the pod receives the sender's own address.",
  reference: 'https://kubernetes.io/docs/concepts/services-networking/',
  stimulus: {
    needs: 'packets from pods to the addresses of Ready pods outside of every fault',
    find: (recording) => lanesOf(recording, betweenPods(recording)),
  },
  judge(recording, lanes) {
    const packets = betweenPods(recording)
    const wrong = senderChanged(packets) ?? otherPod(packets)
    if (wrong) return wrong
    const finding = areAvailable(recording, lanes)
    if (finding.status !== 'pass') return finding
    requireEveryPair(recording, lanes)
    const sum = (own: readonly Lane[]): number => own.reduce((all, { shown }) => all + shown.tries, 0)
    const values = {
      pairs: new Set(lanes.map(({ first }) => `${first.sender} ${first.target}`)).size,
      packets: sum(lanes),
      whole: sum(lanes.filter(({ first }) => first.record.bytes !== undefined)),
    }
    const measured = Math.max(...lanes.map(({ shown }) => shown.longestMs))
    return found.pass('PODS_REACHED', values, { observed: `${values.packets} packets`, measured, bound: longestGap })
  },
})

function betweenPods(recording: Recording): PodPacket[] {
  return podPackets(recording).filter(({ sender }) => sender !== undefined)
}

const shortLane = ({ sender, target, record }: PodPacket): string => `${sender} to ${target} ${record.protocol}`

function senderChanged(packets: readonly PodPacket[]): Finding | undefined {
  const changed = packets.filter(({ record: { client, source } }) => client && source && client !== source)
  const [first] = changed
  if (!first) return undefined
  const { client = '', source = '', at } = first.record
  return found.fail(
    'SENDER_CHANGED',
    { lane: shortLane(first), source, client },
    {
      observed: counted(changed.length, 'changed address', 'changed addresses'),
      measured: changed.length,
      bound: noException,
      moments: [{ at, label: 'the sender has another address' }],
      evidence: [first.record],
    },
  )
}

function otherPod(packets: readonly PodPacket[]): Finding | undefined {
  const wrong = packets.find(
    ({ record: { backend }, target, settled }) => settled && backend && !target.endsWith(`/${backend}`),
  )
  if (!wrong) return undefined
  const { backend = '', at } = wrong.record
  return found.fail(
    'OTHER_POD_ANSWERED',
    { lane: shortLane(wrong), backend },
    {
      observed: 'another pod answered',
      measured: 1,
      bound: noException,
      moments: [{ at, label: 'another pod answers' }],
      evidence: [wrong.record],
    },
  )
}

/** @throws InconclusiveError NOT_PROBED where two pods were Ready together and no packet between them is recorded */
function requireEveryPair(recording: Recording, lanes: readonly Lane[]): void {
  const pods = knownPods(recording)
  const judged = new Set(lanes.map(({ first }) => `${first.sender} ${first.target}`))
  const senders = new Set(lanes.flatMap(({ first }) => first.sender ?? []))
  const targets = new Set(lanes.map(({ first }) => first.target))
  for (const sender of senders) {
    for (const target of targets) {
      const [one, other] = [pods.get(sender), pods.get(target)]
      if (sender === target || !one || !other || judged.has(`${sender} ${target}`)) continue
      const times = without(span(recording), lossyTimes(recording, one.node, other.node))
      const together = times.some((time) =>
        one.ready.some((a) =>
          other.ready.some((b) => {
            const [from, until] = [Math.max(time.from, a.from, b.from), Math.min(time.until, a.until, b.until)]
            return overlaps(time, { from, until }) && until - from > noticeMs
          }),
        ),
      )
      if (together) throw new InconclusiveError(`No packet from ${sender} to ${target} is recorded.`, 'NOT_PROBED')
    }
  }
}
