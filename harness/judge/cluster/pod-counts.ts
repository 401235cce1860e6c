import { hasCondition, isActive, type ObjectOf, objects, type Pod } from '../recording/kubernetes-objects.ts'
import type { Life, Version } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'

/** The numbers of a workload's pods after a change of one of them. */
export interface PodCounts {
  readonly at: number
  readonly life: Life<Pod>
  readonly version: Version<Pod>
  /** The pod's state before the change; undefined before its first report. */
  readonly previous: Pod | undefined
  /** Neither terminating nor finished. */
  readonly active: number
  readonly available: number
  /** Terminating, and not removed yet. */
  readonly terminating: number
}

/** The pods whose controller owner is one of these objects. */
export function podsOwnedBy(recording: Recording, owners: ReadonlySet<string>): Life<Pod>[] {
  return objects(recording, 'pods').lives.filter(({ versions }) =>
    versions.some(({ object }) => object.metadata.ownerReferences.some(({ uid }) => owners.has(uid))),
  )
}

/** The ReplicaSets of a Deployment. */
export function setsOf(recording: Recording, deployment: string): Life<ObjectOf<'replicasets'>>[] {
  return objects(recording, 'replicasets').lives.filter(({ versions }) =>
    versions.some(({ object }) => object.metadata.ownerReferences.some(({ uid }) => uid === deployment)),
  )
}

/** Counts after every change in the order in which etcd stored the changes: all resources share its revisions. */
export function podCounts(lives: readonly Life<Pod>[]): PodCounts[] {
  const changes = lives
    .flatMap((life) => life.versions.map((version) => ({ life, version })))
    .sort((a, b) => a.version.resourceVersion - b.version.resourceVersion)
  const now = new Map<string, Pod>()
  return changes.map(({ life, version }) => {
    const previous = now.get(life.uid)
    if (version.deleted) now.delete(life.uid)
    else now.set(life.uid, version.object)
    const pods = [...now.values()]
    return {
      at: version.at,
      life,
      version,
      previous,
      active: pods.filter(isActive).length,
      available: pods.filter(isAvailable).length,
      terminating: pods.filter(({ metadata }) => metadata.deletionTimestamp !== undefined).length,
    }
  })
}

export function isAvailable(pod: Pod): boolean {
  return isActive(pod) && hasCondition(pod, 'Ready', 'True')
}
