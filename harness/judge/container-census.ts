import type { RecordOf } from '../record/records.ts'
import type { Interval } from './fault-windows.ts'
import { objects } from './kubernetes-objects.ts'
import type { Recording } from './recording.ts'
import { namespaceOf, nodeMachines } from './scene.ts'
import { requireNonEmpty, requireEvidence } from './inconclusive.ts'

type Census = RecordOf<'containers'>

export interface Comparison {
  readonly containers: number
  readonly machines: number
  /** Containers that ran before and not after, though nobody deleted their pod: "web-1 on worker2". */
  readonly lost: readonly string[]
}

/**
 * Compares what every Node's runtime ran before and after a time, in the scenario's namespace and in kube-system (what
 * belongs to other scenarios comes and goes). A process that was started anew is not the same container.
 * @throws InconclusiveError where a Node was not looked at on both sides
 */
export function censusAround(recording: Recording, { from, until }: Interval): Comparison {
  const spaces = [namespaceOf(recording), 'kube-system']
  const all = recording.of('containers')
  const lost: string[] = []
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
    const left = new Set(after.containers.map(identity))
    for (const container of before.containers) {
      if (!spaces.includes(container.namespace)) continue
      if (wasDeleted(recording, container, after.at)) continue
      containers++
      if (!left.has(identity(container))) lost.push(`${container.pod} on ${machine}`)
    }
  }
  return { containers, machines: nodes.length, lost }
}

function identity({ id, startedAt }: Census['containers'][number]): string {
  return `${id} ${startedAt}`
}

function wasDeleted(recording: Recording, container: Census['containers'][number], by: number): boolean {
  return objects(recording, 'pods')
    .named(container.namespace, container.pod)
    .some(
      ({ deletedAt, versions }) =>
        deletedAt <= by ||
        versions.some(({ at, object }) => at <= by && object.metadata.deletionTimestamp !== undefined),
    )
}
