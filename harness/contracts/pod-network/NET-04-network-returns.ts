import { defineContract, type Finding } from '../../judge/contract.ts'
import { type FaultWindow, during, faultWindows } from '../../judge/faults/fault-windows.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { merged } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { mayLosePackets, networkRestored } from './network-faults.ts'
import { type PodPacket, podPackets } from './pod-packets.ts'

/** Packets between the pods of two Nodes of one direction and kind, around faults under which some were lost. */
interface Outage {
  readonly from: string
  readonly to: string
  readonly kind: string
  readonly fault: string
  readonly endedAt: number
  /** When the next fault of these Nodes or the end of the scenario followed. */
  readonly until: number
  readonly bound: Bound
  readonly after: readonly PodPacket[]
}

interface Returned {
  readonly lane: string
  readonly fault: string
  readonly afterMs: number
}

const found = findings({
  NOT_RESTORED: ({ lane, fault, afterMs }: Returned) =>
    `Pods from ${lane}: no packet was answered for ${duration(afterMs)} after "${fault}" ended.`,
  RESTORED_LATE: ({ lane, fault, afterMs }: Returned) =>
    `Pods from ${lane}: the first packet was answered ${duration(afterMs)} after "${fault}" ended, later than the bound.`,
  RESTORED: ({ lane, fault, afterMs, outages }: Returned & { readonly outages: number }) =>
    `Packets of ${counted(outages, 'interrupted path')} were answered again, the last ${duration(afterMs)} after "${fault}" ended (${lane}).`,
})

export const networkReturns = defineContract<Outage>({
  id: 'NET-04',
  area: 'pod-network',
  promise: 'Pods reach each other again, without manual steps, after a partition of Nodes or the restart of a machine.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/',
  stimulus: {
    needs: 'a fault between Nodes that ended, and under which packets between their pods were lost',
    find: outages,
  },
  judge(recording, all) {
    const worst = gravest(all, restored)
    if (worst.status !== 'pass') return worst
    const [slowest = worst] = all.map(restored).toSorted((a, b) => (b.measured ?? 0) - (a.measured ?? 0))
    const values = { ...(slowest.values as unknown as Returned), outages: all.length }
    return { ...slowest, values, reason: found.pass('RESTORED', values, { observed: '' }).reason }
  },
})

/** @throws InconclusiveError NOT_PROBED, RECORDING_ENDS */
function restored({ from, to, kind, fault, endedAt, until, bound, after }: Outage): Finding {
  const lane = `${from} to ${to} ${kind}`
  const first = after.find(({ answered }) => answered)
  const last = after.at(-1)
  if (first) {
    const afterMs = Math.max(0, Math.round(first.record.endedAt - endedAt))
    const details = {
      observed: `answered after ${duration(afterMs)}`,
      fault,
      moments: [{ at: first.record.endedAt, label: `${from} reaches ${to}` }],
      evidence: [first.record],
    }
    const values = { lane, fault, afterMs, outages: 1 }
    return found.timed({ pass: 'RESTORED', late: 'RESTORED_LATE' }, values, afterMs, bound, details)
  }
  if (!last) throw new InconclusiveError(`No packet from ${lane} is recorded after "${fault}".`, 'NOT_PROBED')
  const afterMs = Math.round(last.record.endedAt - endedAt)
  if (Math.min(until, last.record.endedAt) - endedAt <= bound.limit)
    throw new InconclusiveError(
      `No packet from ${lane} was answered, and the packets end before the bound.`,
      'RECORDING_ENDS',
    )
  return found.fail(
    'NOT_RESTORED',
    { lane, fault, afterMs },
    { observed: 'no answer', fault, measured: afterMs, bound, evidence: [last.record] },
  )
}

function outages(recording: Recording): Outage[] {
  const packets = podPackets(recording).filter(({ sender, from, to }) => sender !== undefined && from !== to)
  const pairs = Map.groupBy(packets, ({ from, to }) => [from, to].toSorted().join(' '))
  const windows = packets.length > 0 ? faultWindows(recording) : []
  return [...pairs.values()].flatMap((own) => outagesOf(recording, own, windows))
}

function outagesOf(recording: Recording, packets: readonly PodPacket[], windows: readonly FaultWindow[]): Outage[] {
  const [first] = packets
  if (!first) return []
  const hits = windows.filter((window) => mayLosePackets(window, first.from, first.to))
  const times = merged(hits.map(({ intentAt, until }) => ({ from: intentAt, until })))
  const lanes = Map.groupBy(packets, ({ from, to, record }) => `${from} ${to} ${kindOf(record)}`)
  return times.flatMap((time, n) => {
    const causes = hits.filter(({ intentAt }) => during(time, intentAt))
    const cause = causes.toSorted((a, b) => networkRestored(b).limit - networkRestored(a).limit)[0]
    const wasLost = packets.some(({ record, answered }) => !answered && during(time, record.at))
    if (!cause || !wasLost || time.until === Infinity) return []
    const until = times[n + 1]?.from ?? span(recording).until
    return [...lanes.values()].flatMap((lane) => {
      const [one] = lane
      if (!one || !lane.some(({ record, answered }) => answered && record.at < time.from)) return []
      const after = lane.filter(({ record }) => record.at >= time.until && record.endedAt <= until)
      const { from, to } = one
      const about = { from, to, kind: kindOf(one.record), fault: cause.description, bound: networkRestored(cause) }
      return [{ ...about, endedAt: time.until, until, after }]
    })
  })
}

const kindOf = ({ protocol, bytes }: PodPacket['record']): string =>
  bytes === undefined ? protocol : `${protocol} ${bytes} bytes`
