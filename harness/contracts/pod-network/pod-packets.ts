import type { Interval } from '../../judge/faults/fault-windows.ts'
import { type Pod, hasCondition, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'
import { watchDelayMs } from '../bounds.ts'

/** A packet to a pod's own address. `sender` is undefined for a machine's own packet. */
export interface PodPacket {
  readonly record: RecordOf<'reach'>
  readonly answered: boolean
  /** `<namespace>/<name>` of both pods, and their Nodes. */
  readonly sender: string | undefined
  readonly target: string
  readonly from: string
  readonly to: string
  /** Whether both pods were Ready all the time, the target with the address of the packet. */
  readonly settled: boolean
}

/** A time in which a pod was Ready with one address. */
interface ReadyTime extends Interval {
  readonly address: string
}

interface Known {
  readonly node: string
  readonly ready: readonly ReadyTime[]
}

const known = new WeakMap<Recording, readonly PodPacket[]>()

/** Every packet to a pod whose Node the API reported. */
export function podPackets(recording: Recording): readonly PodPacket[] {
  const found = known.get(recording) ?? packetsOf(recording)
  known.set(recording, found)
  return found
}

function packetsOf(recording: Recording): PodPacket[] {
  const records = recording.of('reach').filter(({ pod }) => pod !== undefined)
  if (records.length === 0) return []
  const pods = knownPods(recording)
  return records.flatMap((record) => {
    const { from, pod: target = '', to: place, outcome } = record
    const sender = from.startsWith('pod:') ? from.slice('pod:'.length) : undefined
    const ends = { from: sender === undefined ? { node: from, ready: [] } : pods.get(sender), to: pods.get(target) }
    if (!ends.from || !ends.to) return []
    const address = place.replace(/:\d+$/, '')
    const settled =
      isReadyDuring(ends.to, record, address) && (sender === undefined || isReadyDuring(ends.from, record))
    const answered = outcome === 'answered'
    return [{ record, answered, sender, target, from: ends.from.node, to: ends.to.node, settled }]
  })
}

/** The pods of the API, by `<namespace>/<name>`. Without names that had pods on two Nodes: a packet does not identify one of them. */
export function knownPods(recording: Recording): ReadonlyMap<string, Known> {
  const lives = Map.groupBy(objects(recording, 'pods').lives, ({ namespace, name }) => `${namespace}/${name}`)
  return new Map(
    [...lives].flatMap(([name, own]) => {
      const versions = own.flatMap((life) => life.versions)
      const [node, ...others] = new Set(versions.flatMap(({ object }) => object.spec.nodeName ?? []))
      if (node === undefined || others.length > 0) return []
      return [[name, { node, ready: own.flatMap(readyTimes) }] as const]
    }),
  )
}

function readyTimes({ versions }: Life<Pod>): ReadyTime[] {
  return versions.flatMap(({ at, deleted, object }, n) => {
    const { podIP } = object.status
    const isReady = !deleted && object.metadata.deletionTimestamp === undefined && hasCondition(object, 'Ready', 'True')
    return isReady && podIP !== undefined ? [{ address: podIP, from: at, until: versions[n + 1]?.at ?? Infinity }] : []
  })
}

/** Later versions with the same state continue a time, so the time is covered by several in a row. */
function isReadyDuring({ ready }: Known, { at, endedAt }: RecordOf<'reach'>, address?: string): boolean {
  const own = ready.filter((one) => address === undefined || one.address === address)
  const until = endedAt + watchDelayMs
  let covered = at - watchDelayMs
  for (const time of own) if (time.from <= covered) covered = Math.max(covered, time.until)
  return covered >= until
}
