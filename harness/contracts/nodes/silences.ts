import { type Interval, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { lastEnd } from '../../judge/recording/intervals.ts'
import { hasCondition, type Node, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { nodeUnknown, watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { type Heartbeat, heartbeats } from './heartbeats.ts'

/** A time in which a Node sent no heartbeat and was, or had to be, marked Unknown. */
export interface Silence {
  readonly node: string
  readonly life: Life<Node>
  readonly heartbeat: Heartbeat
  /**
   * When the controller manager could detect the silence: after faults of the control plane, and with the Lease
   * watched.
   */
  readonly since: number
  /** The Node's next heartbeat, its deletion, or the end of the recording. */
  readonly until: number
  /** Whether the Node was watched and no fault touched the control plane since the last heartbeat. */
  readonly exact: boolean
  /** The state in which the Node became Unknown. */
  readonly unknown: Version<Node> | undefined
  /** The faults on the Node's machine at the time; undefined without one. */
  readonly fault: string | undefined
}

const known = new WeakMap<Recording, readonly Silence[]>()

/** Every Node that was, or had to be, marked Unknown. @throws InconclusiveError NOT_WATCHED */
export function silences(recording: Recording): readonly Silence[] {
  const found = known.get(recording) ?? silencesOf(recording)
  known.set(recording, found)
  return found
}

function silencesOf(recording: Recording): Silence[] {
  const unable = unableTimes(recording, 'kube-controller-manager')
  const blind = [...blindTimes(recording, 'leases'), ...blindTimes(recording, 'nodes')]
  const { latest } = nodeUnknown(recording)
  return objects(recording, 'nodes').lives.flatMap((life) =>
    between(recording, life, heartbeats(recording, life))
      .map(({ heartbeat, until, unknown }): Silence => {
        const seen = unknown?.at ?? until
        const disturbed = [...unable, ...blind]
        const since = lastEnd(disturbed, heartbeat.at, seen)
        const exact = heartbeat.exact && since === heartbeat.at
        const fault = faultsOn(recording, life.name, { from: heartbeat.at, until: seen })
        return { node: life.name, life, heartbeat, since, until, exact, unknown, fault }
      })
      .filter(({ since, until, unknown }) => unknown || (until - since > latest.limit && !isUnknown(life.at(since)))),
  )
}

/** The times between two heartbeats, with the state in which the Node became Unknown meanwhile. */
function between(recording: Recording, life: Life<Node>, heartbeat: readonly Heartbeat[]) {
  const { from, until: end } = span(recording)
  const marks = life.versions.filter(
    ({ at, object }, n) =>
      n > 0 && at >= from && isUnknown(object) && !isUnknown(life.versions[n - 1]?.object) && hasReported(object),
  )
  // A heartbeat just before the mark may not have reached the controller manager.
  const basis = marks.map(({ at }) => heartbeat.findLast((one) => one.at <= at - watchDelayMs))
  if (basis.includes(undefined)) {
    throw new InconclusiveError(
      `No renewal of the Lease of ${life.name} was watched before the Node was marked Unknown.`,
      'NOT_WATCHED',
    )
  }
  return heartbeat
    .map((one, n) => ({
      heartbeat: one,
      until: Math.min(end, life.deletedAt, heartbeat[n + 1]?.at ?? end),
      unknown: marks[basis.indexOf(one)],
    }))
    .filter(({ until, unknown }) => unknown !== undefined || until > from)
}

export function isUnknown(node: Node | undefined): boolean {
  return node !== undefined && hasCondition(node, 'Ready', 'Unknown')
}

/** Whether the Node's kubelet has reported: a Node that was just created has no last heartbeat. */
function hasReported({ status }: Node): boolean {
  return !status.conditions.some(({ type, reason }) => type === 'Ready' && reason === 'NodeStatusNeverUpdated')
}

function faultsOn(recording: Recording, node: string, time: Interval): string | undefined {
  const faults = possibleFaults(recording)
    .filter(
      ({ target, intentAt, until }) => target.machines.includes(node) && intentAt < time.until && time.from < until,
    )
    .map((window) => window.description)
  return faults.length > 0 ? [...new Set(faults)].join('; ') : undefined
}
