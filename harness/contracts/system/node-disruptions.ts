import { hasCondition, type Node, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines, span } from '../../judge/recording/cluster-facts.ts'
import { watchDelayMs } from '../bounds.ts'
import { nodeExcuses } from './excuses.ts'
import { type Disruption, unexplained } from './disruption.ts'

/** Nodes of the cluster's machines that were not Ready, or were deleted. */
export function nodeDisruptions(recording: Recording): Disruption[] {
  const { from, until } = span(recording)
  return nodeMachines(recording).flatMap((machine) => {
    const versions = objects(recording, 'nodes')
      .named('', machine)
      .flatMap((life) => life.versions)
    return versions.flatMap((version, n): Disruption[] => {
      if (!version.deleted && hasCondition(version.object, 'Ready', 'True')) return []
      const time = { from: Math.max(from, version.at), until: Math.min(until, versions[n + 1]?.at ?? until) }
      const excuses = nodeExcuses(recording, machine, isUnknown(version))
      return unexplained(time, excuses, watchDelayMs).map((part) => ({
        code: 'NODE_NOT_READY',
        machine,
        component: 'kubelet',
        ...part,
        delayMs: part.until - part.from - watchDelayMs,
        evidence: [version.record],
      }))
    })
  })
}

/** Marked by the controller manager because its kubelet did not report; a kubelet reports everything else itself. */
function isUnknown({ deleted, object }: Version<Node>): boolean {
  return !deleted && hasCondition(object, 'Ready', 'Unknown')
}
