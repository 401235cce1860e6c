import { type ObjectOf, objects, type Pod } from '../recording/kubernetes-objects.ts'
import { selects } from '../recording/label-selector.ts'
import type { Life } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'
import { resolveShare } from '../statistics/share.ts'

export type Budget = ObjectOf<'poddisruptionbudgets'>

/** A PodDisruptionBudget as it was at a time, with the pods that it covers. */
export interface BudgetAt {
  readonly namespace: string
  readonly name: string
  readonly budget: Budget
  readonly pods: readonly Life<Pod>[]
  /** How many pods have to be healthy; undefined where the recording lacks the necessary data. */
  readonly desired: number | undefined
}

/** The budgets that cover a pod at a time. */
export function budgetsOf(recording: Recording, pod: Life<Pod>, at: number): BudgetAt[] {
  const labels = pod.at(at)?.metadata.labels ?? {}
  return objects(recording, 'poddisruptionbudgets')
    .in(pod.namespace)
    .flatMap((life): BudgetAt[] => {
      const { namespace, name } = life
      const budget = life.at(at)
      if (!budget || !selects(budget.spec.selector, labels)) return []
      const pods = objects(recording, 'pods')
        .in(namespace)
        .filter((one) => one.at(at) && selects(budget.spec.selector, one.at(at)?.metadata.labels ?? {}))
      return [{ namespace, name, budget, pods, desired: desiredHealthy(recording, budget, pods, at) }]
    })
}

/**
 * As the disruption controller counts it: a share, or a limit of what is unavailable, refers to the replicas that the
 * owners want.
 */
function desiredHealthy(
  recording: Recording,
  { spec, status }: Budget,
  pods: readonly Life<Pod>[],
  at: number,
): number | undefined {
  const { minAvailable, maxUnavailable } = spec
  if (typeof minAvailable === 'number') return minAvailable
  const expected = wantedReplicas(recording, pods, at)
  if (expected === undefined) return status.desiredHealthy
  if (minAvailable !== undefined) return resolveShare(minAvailable, expected, Math.ceil)
  return Math.max(0, expected - resolveShare(maxUnavailable ?? 1, expected, Math.ceil))
}

/** The replicas that the owners of these pods want; undefined where an owner was not recorded. */
function wantedReplicas(recording: Recording, pods: readonly Life<Pod>[], at: number): number | undefined {
  const [sets, deployments] = [objects(recording, 'replicasets').lives, objects(recording, 'deployments').lives]
  const wanted = new Map<string, number>()
  for (const pod of pods) {
    const set = sets.find(({ uid }) => pod.at(at)?.metadata.ownerReferences.some((owner) => owner.uid === uid))
    const own = set?.at(at)
    if (!set || !own) return undefined
    const deployment = deployments.find(({ uid }) => own.metadata.ownerReferences.some((owner) => owner.uid === uid))
    wanted.set(deployment?.uid ?? set.uid, deployment?.at(at)?.spec.replicas ?? own.spec.replicas)
  }
  return [...wanted.values()].reduce((sum, replicas) => sum + replicas, 0)
}
