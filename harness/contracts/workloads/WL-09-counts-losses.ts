import { defineContract, type Finding } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { reconcile } from '../bounds.ts'
import { involuntaryLosses, type Loss } from './involuntary-losses.ts'

interface Counted {
  readonly pod: string
  readonly budget: string
  readonly afterMs: number
}

const found = findings({
  LOSS_NOT_COUNTED: ({ pod, budget, afterMs }: Counted) =>
    `${pod} was no longer Ready for ${duration(afterMs)}, and the status of the budget ${budget} never counted that.`,
  LOSS_COUNTED_LATE: ({ pod, budget, afterMs }: Counted) =>
    `The status of the budget ${budget} counted the loss of ${pod} after ${duration(afterMs)}.`,
  LOSSES_COUNTED: ({ pod, budget, afterMs, losses }: Counted & { readonly losses: number }) =>
    `${counted(losses, 'involuntary loss', 'involuntary losses')} counted against a budget, the slowest that of ${pod} against ${budget} after ${duration(afterMs)}.`,
})

/** WL-09. WL-08 judges evictions that the budget refuses. */
export const countsLosses = defineContract<Loss>({
  id: 'WL-09',
  area: 'workloads',
  promise: 'A pod that is lost without an eviction counts against its PodDisruptionBudget.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/disruptions/',
  stimulus: {
    needs: 'a Ready pod under a PodDisruptionBudget that is lost without an eviction',
    find: involuntaryLosses,
  },
  judge: (_, all) => gravest(all, (loss) => countedLoss(loss, all.length)),
})

function countedLoss({ pod, budget, lost, counted: status, afterMs }: Loss, losses: number): Finding {
  const values = { pod, budget, afterMs: Math.round(afterMs) }
  const evidence = [lost.record, ...(status ? [status.record] : [])]
  const observed = `${counted(losses, 'loss', 'losses')}, counted within ${duration(afterMs)}`
  if (!status) {
    return found.fail('LOSS_NOT_COUNTED', values, {
      observed: 'a loss not counted',
      measured: afterMs,
      bound: reconcile,
      evidence,
    })
  }
  const codes = { pass: 'LOSSES_COUNTED', late: 'LOSS_COUNTED_LATE' } as const
  return found.timed(codes, { ...values, losses }, afterMs, reconcile, { observed, evidence })
}
