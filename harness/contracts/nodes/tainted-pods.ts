import {
  hasCondition,
  isActive,
  isMirror,
  type Node,
  objects,
  type Pod,
} from '../../judge/recording/kubernetes-objects.ts'
import { tolerationOf } from '../../judge/recording/tolerations.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { type EvictingTaint, evictingTaints } from './evicting-taints.ts'

/** A pod on a Node with a taint that the pod does not tolerate, or only for a time. */
export interface TaintedPod {
  readonly life: Life<Pod>
  readonly taint: EvictingTaint
  /** How long the pod tolerates the taint; 0 where it does not tolerate it. */
  readonly toleratedMs: number
  /** From when on the time counts: the taint, or the pod's binding to the Node. */
  readonly from: number
  /** When the pod has to be evicted, unless the taint is removed before. */
  readonly due: number
  /** The first state with a request to delete the pod. */
  readonly requested: Version<Pod> | undefined
  /** Whether the taint's controller requested the deletion. */
  readonly byTaint: boolean
}

const known = new WeakMap<Recording, readonly TaintedPod[]>()

/** Every pod that was bound to a Node while that had such a taint, and that was not being deleted before. */
export function taintedPods(recording: Recording): readonly TaintedPod[] {
  const found = known.get(recording) ?? evictingTaints(recording).flatMap((taint) => podsWith(recording, taint))
  known.set(recording, found)
  return found
}

function podsWith(recording: Recording, taint: EvictingTaint): TaintedPod[] {
  return objects(recording, 'pods').lives.flatMap((life): TaintedPod[] => {
    const bound = life.first(({ spec }) => spec.nodeName === taint.node.name)
    if (!bound || bound.at > taint.until || life.deletedAt < taint.added.at) return []
    const before = life.at(taint.added.at) ?? bound.object
    const seconds = toleratedSeconds(before, taint)
    if (seconds === Infinity || isMirror(before) || !isActive(before)) return []
    const from = Math.max(taint.from, bound.at)
    const requested = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
    const byTaint = requested !== undefined && isEvictedByTaint(requested.object)
    return [{ life, taint, toleratedMs: seconds * 1_000, from, due: from + seconds * 1_000, requested, byTaint }]
  })
}

function toleratedSeconds(pod: Pod, { key, value }: EvictingTaint): number {
  const toleration = tolerationOf(pod, { key, value, effect: 'NoExecute' })
  if (!toleration) return 0
  return Math.max(0, toleration.tolerationSeconds ?? Infinity)
}

/** The controller states its reason in the pod's condition before it requests the deletion. */
function isEvictedByTaint(pod: Pod): boolean {
  return pod.status.conditions.some(
    ({ type, status, reason }) =>
      type === 'DisruptionTarget' && status === 'True' && reason === 'DeletionByTaintManager',
  )
}

export function isReady(object: Pod | Node | undefined): boolean {
  return object !== undefined && hasCondition(object, 'Ready', 'True')
}

export function podName({ namespace, name }: Life<Pod>): string {
  return `${namespace}/${name}`
}
