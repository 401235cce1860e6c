import { defineContract, type Finding } from '../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import type { Node, Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { watchDelayMs } from '../bounds.ts'
import { ownFaultTimes } from './kubelet-times.ts'
import { podEviction, readyAgain } from './node-bounds.ts'
import { evictingTaints } from './evicting-taints.ts'
import { isReady, podName, type TaintedPod, taintedPods } from './tainted-pods.ts'

/** A pod whose Node lost its taint before the pod's toleration expired, in a recording that lasted until after that. */
interface Return extends TaintedPod {
  readonly removed: Version<Node>
  /** Whether the pod was Ready before the taint. */
  readonly wasReady: boolean
  /** The Ready state at the removal, or the first one after it. */
  readonly ready: Version<Pod> | undefined
  readonly afterMs: number
}

interface Returned {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
}

const found = findings({
  EVICTED_AFTER_RETURN: ({ pod, node, afterMs }: Returned) =>
    `${pod} was evicted ${duration(afterMs)} after ${node} lost its taint, although the pod tolerated the taint for longer.`,
  NOT_READY_AGAIN: ({ pod, node, afterMs }: Returned) =>
    `${pod} was not Ready again ${duration(afterMs)} after ${node} had lost its taint.`,
  EVICTION_CANCELLED: ({ pod, node, afterMs, pods }: Returned & { readonly pods: number }) =>
    `${counted(pods, 'pod')} stayed on Nodes that lost their taint in time; the last one to be Ready again was ${pod} on ${node}, after ${duration(afterMs)}.`,
  READY_AGAIN_LATE: ({ pod, node, afterMs }: Returned & { readonly pods: number }) =>
    `${pod} was Ready again ${duration(afterMs)} after ${node} had lost its taint.`,
})

/** NODE-05 */
export const returnCancelsEviction = defineContract<Return>({
  id: 'NODE-05',
  area: 'nodes',
  promise:
    'A Node that returns before the tolerations of its pods expire keeps these pods, and they become Ready again.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions',
  stimulus: {
    needs: 'a pod whose Node loses a NoExecute taint before the toleration expires, and a recording until after that',
    find: returns,
  },
  judge: (recording, all) => gravest(all, (one) => kept(recording, one, all.length)),
})

function returns(recording: Recording): Return[] {
  const end = span(recording).until
  const taints = evictingTaints(recording)
  return taintedPods(recording).flatMap((one): Return[] => {
    const { life, taint, requested, byTaint, due } = one
    const { removed } = taint
    if (!removed || removed.deleted || due <= removed.at + watchDelayMs) return []
    // Another taint may evict the pod.
    const isAlone = !taints.some(
      (other) => other !== taint && other.node === taint.node && other.until > taint.added.at,
    )
    const isLeft = requested && !byTaint && requested.at <= due
    const isSeen = end > due + podEviction(0).limit || (requested && requested.at > removed.at)
    if (!isAlone || isLeft || !isSeen || (requested && requested.at <= removed.at)) return []
    const ready = readyAt(one, removed.at) ?? life.first((pod) => isReady(pod), removed.at)
    const wasReady = life.versions.some(({ at, object }) => at < taint.added.at && isReady(object))
    const time = { from: removed.at, until: Math.min(ready?.at ?? end, requested?.at ?? end) }
    const afterMs = longestMs(without(time, ownFaultTimes(recording, taint.node.name)))
    const isDue = ready !== undefined || !wasReady || afterMs > readyAgain.limit
    return isDue || requested ? [{ ...one, removed, wasReady, ready, afterMs }] : []
  })
}

/** The state of a pod that was Ready already. */
function readyAt({ life }: TaintedPod, at: number): Version<Pod> | undefined {
  const version = life.versions.findLast((one) => one.at <= at)
  return version && isReady(version.object) ? version : undefined
}

/** @throws InconclusiveError HOST_NOISE */
function kept(recording: Recording, one: Return, pods: number): Finding {
  const { life, taint, requested, byTaint, removed, ready, wasReady } = one
  const values = { pod: podName(life), node: taint.node.name }
  const evidence = [taint.added.record, removed.record]
  requireWatched(recording, 'nodes', taint.from - watchDelayMs, removed.at)
  requireWatched(recording, 'pods', removed.at, ready?.at ?? removed.at)
  if (requested && byTaint) {
    const afterMs = requested.at - removed.at
    const observed = `evicted ${duration(afterMs)} after the return`
    return found.fail(
      'EVICTED_AFTER_RETURN',
      { ...values, afterMs },
      { observed, evidence: [...evidence, requested.record] },
    )
  }
  const bound = readyAgain
  const afterMs = Math.max(0, Math.round(one.afterMs))
  if (wasReady && !ready) {
    const time = { from: removed.at, until: span(recording).until }
    const lateMs = afterMs - bound.limit
    if (mayBeHost(recording, time, lateMs)) {
      const figures = { ...values, ...hostFigures(recording, time, lateMs) }
      throw new InconclusiveError(`The host was too slow to judge the return of ${life.name}.`, 'HOST_NOISE', figures)
    }
    const observed = 'a pod that is not Ready again'
    return found.fail('NOT_READY_AGAIN', { ...values, afterMs }, { observed, measured: afterMs, bound, evidence })
  }
  return found.timed(
    { pass: 'EVICTION_CANCELLED', late: 'READY_AGAIN_LATE' },
    { ...values, afterMs, pods },
    wasReady ? afterMs : 0,
    bound,
    { observed: `${counted(pods, 'pod')} kept`, evidence: [...evidence, ...(ready ? [ready.record] : [])] },
  )
}
