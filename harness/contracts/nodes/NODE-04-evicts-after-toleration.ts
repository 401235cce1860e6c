import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { lastEnd } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { podEviction } from './node-bounds.ts'
import { podName, type TaintedPod, taintedPods } from './tainted-pods.ts'

interface Evicted {
  readonly pod: string
  readonly node: string
  readonly taint: string
  readonly toleratedMs: number
  readonly afterMs: number
}

const found = findings({
  NOT_EVICTED: ({ pod, node, taint, toleratedMs, afterMs }: Evicted) =>
    `${pod} on ${node} tolerates the taint ${taint} for ${duration(toleratedMs)} and was not evicted in ${duration(afterMs)}.`,
  EVICTED_EARLY: ({ pod, node, taint, toleratedMs, afterMs }: Evicted) =>
    `${pod} on ${node} tolerates the taint ${taint} for ${duration(toleratedMs)} and was evicted after ${duration(afterMs)}.`,
  EVICTED_IN_TIME: ({ pod, node, taint, toleratedMs, afterMs, pods }: Evicted & { readonly pods: number }) =>
    `${counted(pods, 'pod')} evicted when their tolerations had expired; the latest was ${pod} on ${node}, which tolerates ${taint} for ${duration(toleratedMs)}, after ${duration(afterMs)}.`,
  EVICTED_LATE: ({ pod, node, taint, toleratedMs, afterMs }: Evicted & { readonly pods: number }) =>
    `${pod} on ${node} tolerates the taint ${taint} for ${duration(toleratedMs)} and was evicted after ${duration(afterMs)}.`,
})

/** NODE-04. CM-01 judges that the evicted pods are replaced, NODE-05 that the removal of the taint cancels the eviction. */
export const evictsAfterToleration = defineContract<TaintedPod>({
  id: 'NODE-04',
  area: 'nodes',
  promise:
    'A pod on a Node with a NoExecute taint is evicted when its own tolerationSeconds have passed, and not earlier.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions',
  stimulus: { needs: 'a pod on a Node with a NoExecute taint until its toleration expires', find: evictions },
  judge: (recording, all) => gravest(all, (one) => evicted(recording, one, all.length)),
})

/** Without those that another request deletes before, and those whose taint is removed before. */
function evictions(recording: Recording): TaintedPod[] {
  const all = taintedPods(recording)
  return all.filter((one) => {
    const { life, taint, requested, byTaint, due } = one
    if (requested && requested.at <= taint.until && byTaint) return isFirst(one, all)
    const end = Math.min(taint.until, life.deletedAt, requested?.at ?? Infinity)
    return end - since(recording, one, end) > podEviction(one.toleratedMs).limit && end > due
  })
}

/** Of several taints of its Node, a pod is evicted for the one whose toleration expires first. */
function isFirst(one: TaintedPod, all: readonly TaintedPod[]): boolean {
  const own = all.filter(({ life, taint }) => life === one.life && taint.node === one.taint.node)
  return own.every(({ due, taint }) => due >= one.due || taint.until < due)
}

/** From when on the controller could count the toleration's time: a new leader begins anew. */
function since(recording: Recording, { from }: TaintedPod, until: number): number {
  return lastEnd(unableTimes(recording, 'kube-controller-manager'), from, until)
}

function evicted(recording: Recording, one: TaintedPod, pods: number): Finding {
  const { life, taint, toleratedMs, requested, byTaint, from } = one
  const bound = podEviction(toleratedMs)
  const until = requested?.at ?? Math.min(taint.until, life.deletedAt)
  requireWatched(recording, 'nodes', from - watchDelayMs, from)
  requireWatched(recording, 'pods', from, until)
  const values = { pod: podName(life), node: taint.node.name, taint: taint.key, toleratedMs }
  const evidence = [taint.added.record, ...(requested ? [requested.record] : [])]
  const afterMs = until - since(recording, one, until)
  if (!requested || !byTaint) {
    const observed = 'a pod that was not evicted'
    return found.fail('NOT_EVICTED', { ...values, afterMs }, { observed, measured: afterMs, bound, evidence })
  }
  const atMostMs = until - from
  const moments = [{ at: until, label: `${life.name} evicted from ${taint.node.name}` }]
  if (atMostMs < toleratedMs - watchDelayMs) {
    const observed = `evicted after ${duration(atMostMs)}, too early`
    return found.fail(
      'EVICTED_EARLY',
      { ...values, afterMs: atMostMs },
      { observed, measured: atMostMs, moments, evidence },
    )
  }
  return found.timed({ pass: 'EVICTED_IN_TIME', late: 'EVICTED_LATE' }, { ...values, afterMs, pods }, afterMs, bound, {
    observed: `${counted(pods, 'pod')} evicted, one after ${duration(afterMs)}`,
    moments,
    evidence,
  })
}
