import { isSuccess } from '../../judge/cluster/bindings.ts'
import { type BudgetAt, budgetsOf } from '../../judge/cluster/disruption-budgets.ts'
import { evictions } from '../../judge/cluster/drains.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { hasCondition, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { RecordOf } from '../../record/records.ts'
import { watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'

/** A request to evict a pod that one budget covers. */
export interface BudgetedEviction {
  readonly request: RecordOf<'audit'>
  readonly pod: Life<Pod>
  readonly budget: string
  readonly desired: number
  /** How many healthy pods the budget has without this one. */
  readonly healthyAfter: number
  /** Fewer than desired: the budget does not allow the eviction. */
  readonly beyond: boolean
}

/**
 * Every eviction that a budget decides on. Left out: pods that a budget does not protect by documentation (pending,
 * finished or terminating), and pods under several budgets, for which the API answers 500.
 */
export function budgetedEvictions(recording: Recording): BudgetedEviction[] {
  if (objects(recording, 'poddisruptionbudgets').lives.length === 0) return []
  const { from, until } = span(recording)
  const requests = evictions(recording)
  const unable = unableTimes(recording, 'kube-controller-manager')
  return requests.flatMap((request, n): BudgetedEviction[] => {
    const { namespace, name, at } = request
    const pod = objects(recording, 'pods')
      .named(namespace, name)
      .findLast((life) => life.at(at))
    if (!pod || at < from || at > until || !isProtected(pod, at)) return []
    const [budget, ...more] = budgetsOf(recording, pod, at)
    if (!budget || more.length > 0 || budget.desired === undefined || isAlwaysAllowed(budget, pod, at)) return []
    const gone = requests.slice(0, n).filter(isSuccess)
    const healthy = healthyPods(budget, gone, unable, request)
    const healthyAfter = healthy.filter((one) => one !== pod).length
    const { desired } = budget
    return [
      { request, pod, budget: `${namespace}/${budget.name}`, desired, healthyAfter, beyond: healthyAfter < desired },
    ]
  })
}

function isProtected(pod: Life<Pod>, at: number): boolean {
  const object = pod.at(at)
  const phase = object?.status.phase ?? ''
  return object?.metadata.deletionTimestamp === undefined && !['Pending', 'Succeeded', 'Failed'].includes(phase)
}

function isAlwaysAllowed({ budget }: BudgetAt, pod: Life<Pod>, at: number): boolean {
  const object = pod.at(at)
  return (
    budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' &&
    object !== undefined &&
    !hasCondition(object, 'Ready', 'True')
  )
}

/**
 * The pods that the disruption controller may have counted as healthy: changes within the watch's delay may not have
 * reached it, and no change reaches it while faults stop it. Granted evictions count at once.
 */
function healthyPods(
  { pods }: BudgetAt,
  gone: readonly RecordOf<'audit'>[],
  unable: readonly Interval[],
  { at, endedAt }: RecordOf<'audit'>,
): Life<Pod>[] {
  const blindFrom = unable.filter((one) => one.from <= at && at < one.until).map(({ from }) => from)
  const time = { from: Math.min(at, ...blindFrom) - watchDelayMs, until: endedAt + watchDelayMs }
  return pods.filter(
    (pod) =>
      !gone.some((one) => one.namespace === pod.namespace && one.name === pod.name && one.at >= pod.bornAt) &&
      pod.versions.some(
        (version, n) =>
          version.at < time.until &&
          (pod.versions[n + 1]?.at ?? Infinity) > time.from &&
          !version.deleted &&
          version.object.metadata.deletionTimestamp === undefined &&
          hasCondition(version.object, 'Ready', 'True'),
      ),
  )
}
