import { defineContract, type Finding } from '../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { blindTimes } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { kubeletTimes } from '../nodes/kubelet-times.ts'
import { podRemoval } from '../nodes/node-bounds.ts'

/** A pod of a Node that was, or had to be, removed after a request to delete it. */
interface Removal {
  readonly life: Life<Pod>
  readonly requested: Version<Pod>
  /** The end of the pod, or of the recording. */
  readonly until: number
  readonly bound: Bound
  readonly afterMs: number
}

interface Removed {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
}

const found = findings({
  NOT_REMOVED: ({ pod, node, afterMs }: Removed) =>
    `The kubelet of ${node} did not remove ${pod} in ${duration(afterMs)} after the request to delete it.`,
  REMOVED_LATE: ({ pod, node, afterMs }: Removed) =>
    `The kubelet of ${node} removed ${pod} ${duration(afterMs)} after the request to delete it.`,
  REMOVED: ({ pods, pod, afterMs }: Removed & { readonly pods: number }) =>
    `The kubelets removed ${counted(pods, 'deleted pod')}; ${pod} came closest to its bound with ${duration(afterMs)}.`,
})

/** KLET-06. KLET-01 judges containers that outlive their pod. */
export const endsWithinGrace = defineContract<Removal>({
  id: 'KLET-06',
  area: 'kubelet',
  promise: 'The kubelet ends a terminating pod within its grace period, and then removes it from the API.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
  stimulus: { needs: 'a pod of a Node whose deletion was requested', find: removals },
  judge: (recording, all) => gravest(all, (removal) => removed(recording, removal, all.length)),
})

function removals(recording: Recording): Removal[] {
  const { from, until: end } = span(recording)
  const blind = blindTimes(recording, 'pods')
  return objects(recording, 'pods').lives.flatMap((life): Removal[] => {
    const requested = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
    const node = requested?.object.spec.nodeName
    const isKept = life.versions.some(({ object }) => object.metadata.finalizers.length > 0)
    if (!requested || requested.at < from || node === undefined || isKept) return []
    const bound = podRemoval(1_000 * (requested.object.metadata.deletionGracePeriodSeconds ?? 0))
    const until = Math.min(life.deletedAt, end)
    const afterMs = longestMs(without({ from: requested.at, until }, [...kubeletTimes(recording, node), ...blind]))
    const isDue = life.deletedAt <= end || afterMs > bound.limit
    return isDue ? [{ life, requested, until, bound, afterMs }] : []
  })
}

/** @throws InconclusiveError HOST_NOISE */
function removed(recording: Recording, { life, requested, until, bound, afterMs }: Removal, pods: number): Finding {
  const node = requested.object.spec.nodeName ?? ''
  const values = { pod: `${life.namespace}/${life.name}`, node, afterMs: Math.round(afterMs) }
  const observed = `removed after ${duration(afterMs)}`
  if (life.deletedAt <= until) {
    const evidence = [requested, life.versions.at(-1) ?? requested].map(({ record }) => record)
    const codes = { pass: 'REMOVED', late: 'REMOVED_LATE' } as const
    return found.timed(codes, { ...values, pods }, afterMs, bound, { observed, evidence })
  }
  const time = { from: requested.at, until }
  const lateMs = afterMs - bound.limit
  if (mayBeHost(recording, time, lateMs)) {
    const figures = { ...values, ...hostFigures(recording, time, lateMs) }
    throw new InconclusiveError(`The host was too slow to judge the removal of ${life.name}.`, 'HOST_NOISE', figures)
  }
  const evidence = [requested.record]
  return found.fail('NOT_REMOVED', values, { observed: 'not removed', measured: afterMs, bound, evidence })
}
