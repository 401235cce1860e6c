import { type Deployment, type Rollout, rollouts } from '../../judge/cluster/rollouts.ts'
import type { Version } from '../../judge/recording/object-history.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { leaderlessTimes } from '../kube-controller-manager/leaderless-times.ts'

/** A rollout without progress for its deadline. */
export interface StuckRollout {
  readonly rollout: Rollout
  readonly deadlineMs: number
  /** The state that reports the last progress. */
  readonly progress: Version<Deployment>
  /** The first state that reports that the deadline has passed. */
  readonly reported: Version<Deployment> | undefined
  /** From the progress to that report, or to the end; without the controller only up to the deadline. */
  readonly afterMs: number
}

/** Every rollout whose deadline was reported, or had to be for longer than `allowanceMs`. */
export function stuckRollouts(recording: Recording, allowanceMs: number): StuckRollout[] {
  const excused = leaderlessTimes(recording, 'kube-controller-manager')
  return rollouts(recording).flatMap((rollout): StuckRollout[] => {
    const { life, begun, before, until } = rollout
    const own = life.versions.filter(
      ({ at, resourceVersion }) => resourceVersion >= begun.resourceVersion && at <= until,
    )
    const reported = own.find(({ object }) => progressOf(object)?.reason === 'ProgressDeadlineExceeded')
    const earlier = reported ? own.slice(0, own.indexOf(reported)) : own
    const progress = lastProgress([before, ...earlier])
    if (!progress) return []
    const deadlineMs = begun.object.spec.progressDeadlineSeconds * 1000
    const end = reported?.at ?? until
    const due = progress.at + deadlineMs
    const afterMs = end > due ? deadlineMs + longestMs(without({ from: due, until: end }, excused)) : end - progress.at
    const isDue = reported !== undefined || afterMs > deadlineMs + allowanceMs
    return isDue ? [{ rollout, deadlineMs, progress, reported, afterMs: Math.round(afterMs) }] : []
  })
}

function progressOf({ status }: Deployment): Deployment['status']['conditions'][number] | undefined {
  return status.conditions.find(({ type }) => type === 'Progressing')
}

/** The last state with a new time of progress; the first one is the state before the rollout. */
function lastProgress(versions: readonly Version<Deployment>[]): Version<Deployment> | undefined {
  return versions.findLast(({ object }, n) => {
    const [previous, progress] = [versions[n - 1], progressOf(object)]
    if (!previous || progress?.status !== 'True') return false
    return progress.lastUpdateTime !== progressOf(previous.object)?.lastUpdateTime
  })
}
