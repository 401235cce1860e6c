import { audited } from '../../judge/recording/audited.ts'
import { isSuccess } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted } from '../../judge/verdict/format.ts'
import { watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { type BudgetedEviction, budgetedEvictions } from './budgeted-evictions.ts'

interface Evicted {
  readonly pod: string
  readonly budget: string
}

const found = findings({
  EVICTED_BEYOND_BUDGET: ({ pod, budget, healthyAfter, desired }: Evicted & Healthy) =>
    `The API granted the eviction of ${pod}, which left ${counted(healthyAfter, 'healthy pod')}; the budget ${budget} requires ${desired}.`,
  WRONG_REFUSAL: ({ pod, budget, code }: Evicted & { readonly code: number }) =>
    `The API answered the eviction of ${pod} beyond the budget ${budget} with ${code} instead of 429.`,
  BUDGET_KEPT: ({ budget, refused, desired }: { readonly budget: string; readonly refused: number } & Desired) =>
    `The API refused ${counted(refused, 'eviction')} beyond the budget with 429; ${budget} requires ${counted(desired, 'healthy pod')}.`,
})

interface Desired {
  readonly desired: number
}
type Healthy = Desired & { readonly healthyAfter: number }

export const disruptionBudget = defineContract<BudgetedEviction>({
  id: 'WL-08',
  area: 'workloads',
  promise: 'The API refuses an eviction beyond the PodDisruptionBudget of the pod with 429.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/',
  stimulus: {
    needs: 'an eviction that a PodDisruptionBudget does not allow',
    find: (recording) => {
      const unable = unableTimes(recording, 'kube-controller-manager')
      return budgetedEvictions(recording).filter(
        ({ beyond, request: { code, at } }) =>
          code === 429 || (beyond && (isSuccess({ code }) || (code >= 500 && !unable.some((one) => during(one, at))))),
      )
    },
  },
  judge(recording, all) {
    const finding = gravest(all, (eviction) => answered(recording, eviction, all.length))
    // A lost part of an audit log may hold a granted eviction.
    if (finding.status === 'pass') audited(recording)
    return finding
  },
})

function answered(recording: Recording, eviction: BudgetedEviction, refused: number): Finding {
  const { request, pod, budget, desired, healthyAfter } = eviction
  const { code, at } = request
  requireWatched(recording, 'pods', at - watchDelayMs, at)
  const bound: Bound = { limit: desired, unit: 'count', source: `the healthy pods that ${budget} requires` }
  const names = { pod: pod.name, budget }
  const evidence = [request]
  if (isSuccess({ code })) {
    return found.fail(
      'EVICTED_BEYOND_BUDGET',
      { ...names, healthyAfter, desired },
      {
        observed: counted(healthyAfter, 'healthy pod'),
        measured: healthyAfter,
        bound,
        moments: [{ at, label: `${pod.name} evicted beyond the budget` }],
        evidence,
      },
    )
  }
  if (code !== 429)
    return found.fail('WRONG_REFUSAL', { ...names, code }, { observed: `answered with ${code}`, evidence })
  const observed = `${counted(refused, 'eviction')} refused`
  return found.pass('BUDGET_KEPT', { budget, refused, desired }, { observed, bound, evidence })
}
