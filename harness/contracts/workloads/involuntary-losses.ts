import { type Budget } from '../../judge/cluster/disruption-budgets.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { hasCondition, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import { selects } from '../../judge/recording/label-selector.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { requireEvidence } from '../../judge/verdict/inconclusive.ts'
import { reconcile } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'

/** A pod under a budget that stopped being Ready without a request to delete or evict it. */
export interface Loss {
  readonly pod: string
  readonly budget: string
  readonly lost: Version<Pod>
  /** The first status of the budget that counts the loss, or a later one. */
  readonly counted: Version<Budget> | undefined
  readonly afterMs: number
}

/** Every such loss that was counted, or had to be. */
export function involuntaryLosses(recording: Recording): Loss[] {
  const budgets = objects(recording, 'poddisruptionbudgets').lives
  if (budgets.length === 0) return []
  const { from, until } = span(recording)
  const excused = [
    ...unableTimes(recording, 'kube-controller-manager'),
    ...blindTimes(recording, 'pods'),
    ...blindTimes(recording, 'poddisruptionbudgets'),
  ]
  return objects(recording, 'pods').lives.flatMap((life) =>
    lossesOf(life, from).flatMap((lost) =>
      budgets.flatMap((budget): Loss[] => {
        const covers = budget.namespace === life.namespace && isCovered(budget, lost)
        if (!covers) return []
        requireStatus(budget)
        const counted = budget.versions.find(
          (version) => version.resourceVersion > lost.resourceVersion && counts(recording, version, budget.namespace),
        )
        const end = Math.min(counted?.at ?? until, budget.deletedAt)
        const afterMs = longestMs(without({ from: lost.at, until: end }, excused))
        const isDue = counted !== undefined || afterMs > reconcile.limit
        const names = { pod: `${life.namespace}/${life.name}`, budget: `${budget.namespace}/${budget.name}` }
        return isDue ? [{ ...names, lost, counted, afterMs }] : []
      }),
    ),
  )
}

/** @throws InconclusiveError NO_STATUS */
function requireStatus({ namespace, name, versions }: Life<Budget>): void {
  const isReported = versions.some(({ object }) => object.status.currentHealthy !== undefined)
  requireEvidence(isReported, `No status of the budget ${namespace}/${name} was recorded.`, 'NO_STATUS')
}

/** The states with which a pod that was Ready stopped being so, without a request to delete it. */
function lossesOf({ versions }: Life<Pod>, from: number): Version<Pod>[] {
  return versions.filter(({ at, deleted, object }, n) => {
    const before = versions[n - 1]?.object
    const isLeft = deleted || object.metadata.deletionTimestamp !== undefined
    return at >= from && !isLeft && before !== undefined && isReady(before) && !isReady(object)
  })
}

function isCovered({ versions }: Life<Budget>, { resourceVersion, object }: Version<Pod>): boolean {
  const budget = versions.findLast((one) => one.resourceVersion < resourceVersion)
  return budget !== undefined && !budget.deleted && selects(budget.object.spec.selector, object.metadata.labels)
}

/**
 * Whether a budget's status counts no more healthy pods than there were at its revision, and allows no more disruptions than that
 * leaves.
 */
function counts(
  recording: Recording,
  { resourceVersion, object, deleted }: Version<Budget>,
  namespace: string,
): boolean {
  const { currentHealthy, desiredHealthy, disruptionsAllowed } = object.status
  if (deleted || currentHealthy === undefined || desiredHealthy === undefined || disruptionsAllowed === undefined)
    return false
  const healthy = objects(recording, 'pods')
    .in(namespace)
    .filter(({ versions }) => {
      const pod = versions.findLast((one) => one.resourceVersion < resourceVersion)
      return (
        pod !== undefined &&
        !pod.deleted &&
        isReady(pod.object) &&
        selects(object.spec.selector, pod.object.metadata.labels)
      )
    })
  return currentHealthy <= healthy.length && disruptionsAllowed <= Math.max(0, currentHealthy - desiredHealthy)
}

function isReady(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp === undefined && hasCondition(pod, 'Ready', 'True')
}
