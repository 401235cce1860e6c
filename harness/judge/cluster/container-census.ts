import type { RecordOf } from '../../record/records.ts'
import { type FaultWindow, type Interval, during, possibleFaults } from '../faults/fault-windows.ts'
import { hasCondition, objects, type Pod } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'
import { nodeMachines } from '../recording/cluster-facts.ts'
import { requireNonEmpty, requireEvidence } from '../verdict/inconclusive.ts'

type Census = RecordOf<'containers'>

export interface Comparison {
  readonly containers: number
  readonly machines: number
  /** Containers that ran before and not after, of pods that were Ready and were not deleted: "web-1 on worker2". */
  readonly lost: readonly string[]
  /** The listings of the Nodes' runtimes before and after. */
  readonly records: readonly Census[]
}

/**
 * Compares the containers of every Node's runtime before and after a time. A restarted process is not the same
 * container. Left out: pods that were not Ready, that were deleted or that completed, because their containers may end.
 * @throws InconclusiveError where a Node was not listed before and after
 */
export function censusAround(recording: Recording, time: Interval): Comparison {
  const nodes = requireNonEmpty(nodeMachines(recording), 'The cluster has no Node.')
  const each = nodes.map((machine) => censusOf(recording, machine, time))
  return {
    containers: each.reduce((sum, { containers }) => sum + containers, 0),
    machines: nodes.length,
    lost: each.flatMap(({ lost }) => lost),
    records: each.flatMap(({ records }) => records),
  }
}

/** The same for one Node. @throws InconclusiveError NOT_LOOKED_AT where it was not listed before and after */
export function censusOf(recording: Recording, machine: string, { from, until }: Interval): Comparison {
  const own = recording.of('containers').filter((one) => one.machine === machine)
  const [earliest, latest] = snapshotsAround(recording, { from, until })
  const before = requireEvidence(
    own.findLast(({ at }) => earliest <= at && at <= from),
    `The containers of ${machine} were not listed before.`,
    'NOT_LOOKED_AT',
  )
  const after = requireEvidence(
    own.find(({ at }) => until <= at && at <= latest) ?? own.findLast(({ at }) => from < at && at <= latest),
    `The containers of ${machine} were not listed afterwards.`,
    'NOT_LOOKED_AT',
  )
  const left = new Set(after.containers.map(identity))
  const kept = before.containers.filter((container) => !mayEnd(recording, container, { from, until: after.at }))
  const lost = kept.filter((container) => !left.has(identity(container))).map(({ pod }) => `${pod} on ${machine}`)
  return { containers: kept.length, machines: 1, lost, records: [before, after] }
}

/**
 * Between which times the listings before and after a time are due: after the last fault that ended, and before the next one. An older
 * listing lacks what was started since, and a later one lacks what another fault ended.
 */
function snapshotsAround(recording: Recording, { from, until }: Interval): [number, number] {
  const all = possibleFaults(recording)
  const isAlone = (window: FaultWindow): boolean =>
    !all.some((other) => other.id !== window.id && during({ from: other.intentAt, until: other.until }, window.until))
  const ended = all.filter((window) => window.until <= from && isAlone(window)).map((window) => window.until)
  const next = all.filter(({ intentAt }) => intentAt > until).map(({ intentAt }) => intentAt)
  return [Math.max(-Infinity, ...ended), Math.min(Infinity, ...next)]
}

function identity({ id, startedAt }: Census['containers'][number]): string {
  return `${id} ${startedAt}`
}

function mayEnd(recording: Recording, { namespace, pod }: Census['containers'][number], time: Interval): boolean {
  return objects(recording, 'pods')
    .named(namespace, pod)
    .some((life) => {
      const before = life.at(time.from)
      const isEnding = life.versions.some(
        ({ at, deleted, object }) =>
          at <= time.until && (deleted || object.metadata.deletionTimestamp !== undefined || !isRunning(object)),
      )
      return isEnding || (before !== undefined && !hasCondition(before, 'Ready', 'True'))
    })
}

function isRunning({ status: { phase } }: Pod): boolean {
  return phase !== 'Succeeded' && phase !== 'Failed'
}
