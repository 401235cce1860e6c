import { defineContract, type Finding } from '../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { blindTimes, requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { isMirror, isOwnedBy, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import { tolerates } from '../../judge/recording/tolerations.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { reconcile } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { type EvictingTaint, evictingTaints, outOfService } from './evicting-taints.ts'
import { podCollection } from './node-bounds.ts'
import { isReady, podName } from './tainted-pods.ts'

/** A pod of a Node out of service that was, or had to be, removed, and the pod of the same name after it. */
interface Forced {
  readonly life: Life<Pod>
  readonly taint: EvictingTaint
  readonly removed: boolean
  readonly afterMs: number
  readonly next: Life<Pod> | undefined
  /** How long a StatefulSet had no pod of that name. */
  readonly missingMs: number
}

interface Left {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
}

const found = findings({
  NOT_FORCED: ({ pod, node, afterMs }: Left) =>
    `${pod} was still in the API ${duration(afterMs)} after ${node} was declared out of service.`,
  NOT_REPLACED: ({ pod, node, afterMs }: Left) =>
    `The StatefulSet of ${pod} did not create the pod again ${duration(afterMs)} after its removal from ${node}, which is out of service.`,
  FORCED: ({ pod, node, afterMs, pods }: Left & { readonly pods: number }) =>
    `${counted(pods, 'pod')} removed from Nodes that were declared out of service, the slowest ${pod} from ${node} after ${duration(afterMs)}.`,
  FORCED_LATE: ({ pod, node, afterMs }: Left & { readonly pods: number }) =>
    `${pod} was removed ${duration(afterMs)} after ${node} was declared out of service.`,
})

/** NODE-10. CM-01 judges that ReplicaSets replace their pods. */
export const forcesOutOfService = defineContract<Forced>({
  id: 'NODE-10',
  area: 'nodes',
  promise:
    'The pods of a Node that is not ready and has the out-of-service taint are deleted by force, and a StatefulSet creates its pod again elsewhere.',
  reference: 'https://kubernetes.io/docs/concepts/cluster-administration/node-shutdown/#non-graceful-node-shutdown',
  stimulus: { needs: 'a pod on a silent Node with the taint node.kubernetes.io/out-of-service', find: forced },
  judge: (recording, all) => gravest(all, (one) => removed(recording, one, all.length)),
})

function forced(recording: Recording): Forced[] {
  return evictingTaints(recording)
    .filter(({ key }) => key === outOfService)
    .flatMap((taint) => objects(recording, 'pods').lives.flatMap((life) => forcedFrom(recording, taint, life) ?? []))
}

function forcedFrom(recording: Recording, taint: EvictingTaint, life: Life<Pod>): Forced | undefined {
  const pod = life.at(taint.added.at)
  const isOn = pod !== undefined && pod.spec.nodeName === taint.node.name && !isMirror(pod)
  if (!isOn || isReady(taint.added.object) || tolerates(pod, { ...taint, effect: 'NoExecute' })) return undefined
  const end = span(recording).until
  const ready = taint.node.first((node) => isReady(node), taint.added.at)
  const until = Math.min(life.deletedAt, taint.until, ready?.at ?? Infinity, end)
  const excused = [...unableTimes(recording, 'kube-controller-manager'), ...blindTimes(recording, 'pods')]
  const afterMs = longestMs(without({ from: taint.added.at, until }, excused))
  const isRemoved = life.deletedAt <= until
  if (!isRemoved && afterMs <= podCollection.limit) return undefined
  const next = objects(recording, 'pods')
    .named(life.namespace, life.name)
    .find((one) => one !== life && one.bornAt > life.bornAt)
  const isStateful = isRemoved && isOwnedBy(pod, 'StatefulSet')
  const missing = { from: life.deletedAt, until: next?.bornAt ?? end }
  return {
    life,
    taint,
    removed: isRemoved,
    afterMs,
    next,
    missingMs: isStateful ? longestMs(without(missing, excused)) : 0,
  }
}

/** @throws InconclusiveError HOST_NOISE */
function removed(recording: Recording, one: Forced, pods: number): Finding {
  const { life, taint, next, missingMs } = one
  const values = { pod: podName(life), node: taint.node.name, afterMs: Math.round(one.afterMs) }
  const evidence = [taint.added.record, ...life.versions.slice(-1).map(({ record }) => record)]
  requireWatched(recording, 'nodes', taint.added.at - 1, taint.added.at)
  if (!one.removed) {
    const time = { from: taint.added.at, until: taint.until }
    const lateMs = one.afterMs - podCollection.limit
    if (mayBeHost(recording, time, lateMs)) {
      const figures = { ...values, ...hostFigures(recording, time, lateMs) }
      throw new InconclusiveError(`The host was too slow to judge the removal of ${life.name}.`, 'HOST_NOISE', figures)
    }
    const observed = 'a pod that was not removed'
    return found.fail('NOT_FORCED', values, { observed, measured: one.afterMs, bound: podCollection, evidence })
  }
  if (!next && missingMs > reconcile.limit) {
    const observed = 'a pod that was not created again'
    const afterMs = Math.round(missingMs)
    return found.fail(
      'NOT_REPLACED',
      { ...values, afterMs },
      { observed, measured: missingMs, bound: reconcile, evidence },
    )
  }
  const codes = { pass: 'FORCED', late: 'FORCED_LATE' } as const
  const moments = [{ at: life.deletedAt, label: `${life.name} removed from ${taint.node.name}` }]
  const observed = `${counted(pods, 'pod')} removed, one after ${duration(one.afterMs)}`
  return found.timed(codes, { ...values, pods }, one.afterMs, podCollection, { observed, moments, evidence })
}
