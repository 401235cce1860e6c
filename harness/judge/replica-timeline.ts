import { hasCondition, isActive, matches, objects, type Pod } from './kubernetes-objects.ts'
import type { Recording } from './recording.ts'

/** A time in which a Deployment wanted and had these many pods, and these many of them were Ready. */
export interface ReplicaSpan {
  readonly from: number
  readonly until: number
  readonly wanted: number
  /** Neither terminating nor at their end. */
  readonly active: number
  /** Active and Ready. */
  readonly ready: number
}

/** Counts a Deployment's pods after every change of it or of them, until it is deleted or `end`. */
export function replicaTimeline(recording: Recording, namespace: string, name: string, end: number): ReplicaSpan[] {
  const [deployment] = objects(recording, 'deployments').named(namespace, name)
  if (!deployment) return []
  const wantedLabels = deployment.versions[0]?.object.spec.selector.matchLabels ?? {}
  const stop = Math.min(
    end,
    deployment.deletedAt,
    deployment.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? Infinity,
  )
  type Change = { at: number; resourceVersion: number; apply: () => void }
  const pods = new Map<string, Pod>()
  let wanted = 0
  const changes: Change[] = deployment.versions.map(({ at, resourceVersion, object }) => ({
    at,
    resourceVersion,
    apply: () => {
      wanted = object.spec.replicas
    },
  }))
  for (const { uid, versions } of objects(recording, 'pods').in(namespace)) {
    for (const { at, resourceVersion, deleted, object } of versions) {
      if (!matches(object.metadata.labels, wantedLabels)) continue
      changes.push({
        at,
        resourceVersion,
        apply: () => void (deleted ? pods.delete(uid) : pods.set(uid, object)),
      })
    }
  }
  changes.sort((a, b) => a.at - b.at || a.resourceVersion - b.resourceVersion)
  const spans: ReplicaSpan[] = []
  for (const [index, { at, apply }] of changes.entries()) {
    if (at >= stop) break
    apply()
    const until = Math.min(stop, changes[index + 1]?.at ?? stop)
    const active = [...pods.values()].filter(isActive)
    const ready = active.filter((pod) => hasCondition(pod, 'Ready', 'True')).length
    spans.push({ from: at, until, wanted, active: active.length, ready })
  }
  return spans
}
