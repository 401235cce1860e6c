import { hasCondition, type ObjectOf, objects, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'

export type StatefulSet = ObjectOf<'statefulsets'>

/** A StatefulSet with the pods that it owns or owned. */
export interface SetWithPods {
  readonly set: Life<StatefulSet>
  readonly pods: readonly SetPod[]
}

/** One of the pods that had the same ordinal one after the other. */
export interface SetPod {
  readonly ordinal: number
  readonly life: Life<Pod>
}

export function setsWithPods(recording: Recording): SetWithPods[] {
  const sets = objects(recording, 'statefulsets').lives
  if (sets.length === 0) return []
  const pods = objects(recording, 'pods').lives
  return sets.map((set) => ({
    set,
    pods: pods.flatMap((life): SetPod[] => {
      const ordinal = Number(life.name.slice(set.name.length + 1))
      return isOwned(life, set) && Number.isInteger(ordinal) ? [{ ordinal, life }] : []
    }),
  }))
}

function isOwned({ versions }: Life<Pod>, { uid }: Life<StatefulSet>): boolean {
  return versions.some(({ object }) => object.metadata.ownerReferences.some((one) => one.uid === uid))
}

/** The last state before a revision of etcd; undefined if there was none, or the object was deleted. */
export function stateBefore<T>({ versions }: Life<T>, revision: number): Version<T> | undefined {
  const last = versions.findLast(({ resourceVersion }) => resourceVersion < revision)
  return last?.deleted ? undefined : last
}

export function isRunningAndReady(pod: Pod): boolean {
  const isTerminating = pod.metadata.deletionTimestamp !== undefined
  return !isTerminating && pod.status.phase === 'Running' && hasCondition(pod, 'Ready', 'True')
}
