import { availability } from '../../judge/availability/availability.ts'
import type { Try } from '../../judge/availability/availability.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { without } from '../../judge/recording/intervals.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { Used } from '../availability/available.ts'
import { lossyTimes } from './network-faults.ts'
import type { PodPacket } from './pod-packets.ts'

/** The error of a connection that was opened and not answered. */
const notInTime = 'no answer in time'

/** The packets from one place to one pod of one kind, with what they show outside of every fault. */
export interface Lane extends Used {
  readonly first: PodPacket
}

/** The lanes of some packets that have a packet to judge: between Ready pods, and outside of every fault. */
export function lanesOf(recording: Recording, packets: readonly PodPacket[]): Lane[] {
  const noisy = noisyTimes(recording)
  const times = new Map<string, Interval[]>()
  const lanes = Map.groupBy(packets, laneOf)
  return [...lanes].flatMap(([what, own]) => {
    const [first] = own
    if (!first) return []
    const pair = `${first.from} ${first.to}`
    const judged = times.get(pair) ?? without(span(recording), lossyTimes(recording, first.from, first.to))
    times.set(pair, judged)
    const shown = availability(own.filter(({ settled }) => settled).map(asTry), judged, noisy)
    return shown.tries > 0 ? [{ what, shown, first }] : []
  })
}

/** `shop/web-1 to shop/web-2 udp`, with the size of the packet where it has one. */
function laneOf({ record: { from, protocol, bytes }, target }: PodPacket): string {
  return `${from} to ${target} ${protocol}${bytes === undefined ? '' : ` ${bytes} bytes`}`
}

/** A process that waits for a processor explains that nothing was received in time, and no error. */
function asTry({ record, answered }: PodPacket): Try {
  const { at, endedAt, outcome, error } = record
  return { at, endedAt, ok: answered, soft: outcome === 'silent' || error === notInTime, record }
}
