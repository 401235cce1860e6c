import type { RecordOf } from '../record/records.ts'
import type { Interval } from './fault-windows.ts'
import { hasCondition, objects, type Pod } from './kubernetes-objects.ts'
import type { Recording } from './recording.ts'
import { nodeMachines } from './scene.ts'
import { requireNonEmpty, requireEvidence } from './inconclusive.ts'

type Census = RecordOf<'containers'>

export interface Comparison {
  readonly containers: number
  readonly machines: number
  /** Containers that ran before and not after, of pods that were Ready and were not deleted: "web-1 on worker2". */
  readonly lost: readonly string[]
  /** What the Nodes' runtimes listed before and after. */
  readonly records: readonly Census[]
}

/**
 * Compares what every Node's runtime ran before and after a time. A process that was started anew is not the same
 * container. Pods that were not Ready, that were deleted or that completed are left out: their containers may end.
 * @throws InconclusiveError where a Node was not looked at on both sides
 */
export function censusAround(recording: Recording, { from, until }: Interval): Comparison {
  const all = recording.of('containers')
  const lost: string[] = []
  const records: Census[] = []
  let containers = 0
  const nodes = requireNonEmpty(nodeMachines(recording), 'The cluster has no Node.')
  for (const machine of nodes) {
    const own = all.filter((one) => one.machine === machine)
    const before = requireEvidence(
      own.findLast(({ at }) => at <= from),
      `The containers of ${machine} were not listed before.`,
      'NOT_LOOKED_AT',
    )
    const after = requireEvidence(
      own.find(({ at }) => at >= until) ?? own.findLast(({ at }) => at > from),
      `The containers of ${machine} were not listed afterwards.`,
      'NOT_LOOKED_AT',
    )
    records.push(before, after)
    const left = new Set(after.containers.map(identity))
    for (const container of before.containers) {
      if (mayEnd(recording, container, { from, until: after.at })) continue
      containers++
      if (!left.has(identity(container))) lost.push(`${container.pod} on ${machine}`)
    }
  }
  return { containers, machines: nodes.length, lost, records }
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
