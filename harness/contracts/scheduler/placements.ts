import { during, type Interval } from '../../judge/faults/fault-windows.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { isMirror, objects, type Pod, unplaceable } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { podStart } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'

/** A pod that the default scheduler had to decide on: without scheduling gates and without a Node. */
export interface Placement {
  readonly life: Life<Pod>
  /** The state in which it was placed; undefined where it was not placed, or was declined. */
  readonly placed: Version<Pod> | undefined
  /** Whether the scheduler reported, with a documented reason, that no Node fits. */
  readonly declined: boolean
  /** The longest continuous time in which a scheduler could decide and did not. */
  readonly afterMs: number
  /** Whether the audit record of its binding may be lost because of a fault. */
  readonly disturbed: boolean
}

/** Every pod of the recording that was decided on, or had to be. */
export function placements(recording: Recording): Placement[] {
  const { from, until } = span(recording)
  const unable = unableTimes(recording, 'kube-scheduler')
  const excuses = [...unable, ...blindTimes(recording, 'pods')]
  return objects(recording, 'pods').lives.flatMap((life): Placement[] => {
    const due = dueAt(life)
    if (life.listed || due === undefined || due < from) return []
    const decided = life.versions.find(
      ({ at, object }) => at >= due && (object.spec.nodeName || isDeclined(life, object)),
    )
    const gone = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? life.deletedAt
    const afterMs = longestMs(without({ from: due, until: Math.min(decided?.at ?? until, gone) }, excuses))
    const placed = decided?.object.spec.nodeName ? decided : undefined
    const disturbed = placed !== undefined && unable.some((one: Interval) => during(one, placed.at))
    const isJudged = decided !== undefined || afterMs > podStart.limit
    return isJudged ? [{ life, placed, declined: decided !== undefined && !placed, afterMs, disturbed }] : []
  })
}

/**
 * When a pod without a Node had no scheduling gates left; undefined for a pod that skips the scheduler or has another
 * one.
 */
function dueAt({ versions }: Life<Pod>): number | undefined {
  const first = versions[0]?.object
  if (!first || first.spec.nodeName !== undefined || isMirror(first)) return undefined
  if (first.spec.schedulerName !== 'default-scheduler') return undefined
  return versions.find(({ deleted, object }) => !deleted && object.spec.schedulingGates.length === 0)?.at
}

/** The API server itself reports gates, and that condition stays after their removal. */
function isDeclined({ versions }: Life<Pod>, pod: Pod): boolean {
  const wasGated = versions.some(({ object }) => object.spec.schedulingGates.length > 0)
  const reason = unplaceable(pod)
  return reason === 'Unschedulable' || (reason === 'SchedulingGated' && !wasGated)
}
