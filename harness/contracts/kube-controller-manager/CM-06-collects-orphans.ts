import { isSuccess } from '../../judge/cluster/bindings.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { blindTimes, requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { longestMs, without } from '../../judge/recording/intervals.ts'
import { isActive, isMirror, type Node, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { orphanCollection } from '../nodes/node-bounds.ts'
import { unableTimes } from './unable-times.ts'

/** A pod that was bound to a Node when that was deleted, and that was, or had to be, collected. */
interface Orphan {
  readonly life: Life<Pod>
  readonly node: Life<Node>
  readonly removed: boolean
  readonly afterMs: number
}

interface Left {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
}

const found = findings({
  NOT_COLLECTED: ({ pod, node, afterMs }: Left) =>
    `${pod} was still in the API ${duration(afterMs)} after its Node ${node} was deleted.`,
  NOT_MARKED: ({ pod, node }: Left) =>
    `${pod} was removed after its Node ${node} was deleted, and was not marked as failed with the condition DisruptionTarget.`,
  ORPHANS_COLLECTED: ({ pod, node, afterMs, pods }: Left & { readonly pods: number }) =>
    `${counted(pods, 'pod')} of deleted Nodes collected, the slowest ${pod} of ${node} after ${duration(afterMs)}.`,
  ORPHANS_COLLECTED_LATE: ({ pod, node, afterMs }: Left & { readonly pods: number }) =>
    `${pod} was collected ${duration(afterMs)} after its Node ${node} was deleted.`,
})

/** CM-06 */
export const collectsOrphans = defineContract<Orphan>({
  id: 'CM-06',
  area: 'kube-controller-manager',
  promise: 'Pods that are bound to a Node that no longer exists are marked as failed and removed.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-garbage-collection',
  stimulus: { needs: 'a running pod whose Node is deleted', find: orphans },
  judge: (recording, all) => gravest(all, (one) => collected(recording, one, all.length)),
})

function orphans(recording: Recording): Orphan[] {
  const { from, until } = span(recording)
  const nodes = objects(recording, 'nodes')
  return nodes.lives
    .filter(({ deletedAt }) => from <= deletedAt && deletedAt <= until)
    .flatMap((node) => {
      const again = nodes.named('', node.name).find(({ bornAt }) => bornAt >= node.deletedAt)
      const end = Math.min(again?.bornAt ?? Infinity, until)
      return objects(recording, 'pods').lives.flatMap((life) => orphanOf(recording, node, life, end) ?? [])
    })
}

function orphanOf(recording: Recording, node: Life<Node>, life: Life<Pod>, end: number): Orphan | undefined {
  const pod = life.at(node.deletedAt)
  if (pod?.spec.nodeName !== node.name || !isActive(pod) || isMirror(pod)) return undefined
  if (isDeletedByOther(recording, life)) return undefined
  const excused = [...unableTimes(recording, 'kube-controller-manager'), ...blindTimes(recording, 'pods')]
  const afterMs = longestMs(without({ from: node.deletedAt, until: Math.min(life.deletedAt, end) }, excused))
  const removed = life.deletedAt <= end
  return removed || afterMs > orphanCollection.limit ? { life, node, removed, afterMs } : undefined
}

function isMarked({ status }: Pod): boolean {
  return (
    status.phase === 'Failed' &&
    status.conditions.some((one) => one.type === 'DisruptionTarget' && one.status === 'True')
  )
}

const collector = 'system:serviceaccount:kube-system:pod-garbage-collector'

/** Whether another client requested to delete the pod, which has no mark. A kubelet only confirms. */
function isDeletedByOther(recording: Recording, { namespace, name, versions }: Life<Pod>): boolean {
  if (versions.some(({ object }) => isMarked(object))) return false
  return recording
    .of('audit')
    .some(
      (one) =>
        one.verb === 'delete' &&
        one.resource === 'pods' &&
        one.namespace === namespace &&
        one.name === name &&
        isSuccess(one) &&
        one.user !== collector &&
        !one.user.startsWith('system:node:'),
    )
}

/** @throws InconclusiveError HOST_NOISE */
function collected(recording: Recording, { life, node, removed, afterMs }: Orphan, pods: number): Finding {
  const values = { pod: `${life.namespace}/${life.name}`, node: node.name, afterMs: Math.round(afterMs) }
  const last = life.versions.at(-1)
  const evidence = [...node.versions.slice(-1), ...(last ? [last] : [])].map(({ record }) => record)
  requireWatched(recording, 'nodes', node.deletedAt - 1, node.deletedAt)
  if (!removed) {
    const time = { from: node.deletedAt, until: node.deletedAt + afterMs }
    const lateMs = afterMs - orphanCollection.limit
    if (mayBeHost(recording, time, lateMs)) {
      const figures = { ...values, ...hostFigures(recording, time, lateMs) }
      throw new InconclusiveError(
        `The host was too slow to judge the collection of ${life.name}.`,
        'HOST_NOISE',
        figures,
      )
    }
    const observed = 'a pod that was not collected'
    return found.fail('NOT_COLLECTED', values, { observed, measured: afterMs, bound: orphanCollection, evidence })
  }
  const isEverMarked = life.versions.some(({ object }) => isMarked(object))
  if (!isEverMarked)
    return found.fail('NOT_MARKED', values, { observed: 'a pod that was not marked as failed', evidence })
  return found.timed(
    { pass: 'ORPHANS_COLLECTED', late: 'ORPHANS_COLLECTED_LATE' },
    { ...values, pods },
    afterMs,
    orphanCollection,
    { observed: `${counted(pods, 'pod')} collected, one after ${duration(afterMs)}`, evidence },
  )
}
