import { isSuccess } from '../../judge/cluster/bindings.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { isOwnedBy, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { RecordOf } from '../../record/records.ts'
import { watchDelayMs } from '../bounds.ts'

export const replicaSetController = 'system:serviceaccount:kube-system:replicaset-controller'
const namespaceController = 'system:serviceaccount:kube-system:namespace-controller'

type Request = RecordOf<'audit'>

/** Pods of ReplicaSets that appeared in one namespace, and the clients that requested pods there. */
export interface Creations {
  readonly namespace: string
  readonly pods: readonly Life<Pod>[]
  readonly own: readonly Request[]
  readonly others: readonly Request[]
}

/**
 * By namespace. Pods that appeared while API servers were disturbed are left out: the audit log may lack their
 * requests.
 */
export function creations(recording: Recording, disturbed: readonly Interval[]): Creations[] {
  const { from, until } = span(recording)
  const pods = objects(recording, 'pods').lives.filter(({ listed, versions, bornAt }) => {
    const first = versions[0]?.object
    const isDisturbed = disturbed.some((one) => one.from <= bornAt && bornAt < one.until)
    return !listed && from <= bornAt && !isDisturbed && first !== undefined && isOwnedBy(first, 'ReplicaSet')
  })
  const requests = podRequests(recording).filter(
    (one) => isSuccess(one) && from - watchDelayMs <= one.at && one.at <= until,
  )
  return [...Map.groupBy(pods, ({ namespace }) => namespace)].map(([namespace, own]) => {
    const there = requests.filter((one) => one.namespace === namespace)
    const isOwn = ({ user }: Request): boolean => user === replicaSetController
    return { namespace, pods: own, own: there.filter(isOwn), others: there.filter((one) => !isOwn(one)) }
  })
}

/**
 * A request of the ReplicaSet controller that the API refused by its own rules: a quota, a policy, a namespace that is
 * being deleted.
 */
export function refusedRequest(recording: Recording, namespace: string, time: Interval): Request | undefined {
  return podRequests(recording).find(
    (one) =>
      one.namespace === namespace &&
      one.user === replicaSetController &&
      [400, 403, 422].includes(one.code) &&
      time.from <= one.at &&
      one.at <= time.until,
  )
}

/** When the deletion of a namespace was requested: from then on the API creates nothing in it. */
export function namespaceEnd(recording: Recording, namespace: string): number {
  const found = recording.of('audit').find((one) => {
    if (!isSuccess(one)) return false
    if (one.verb === 'delete' && one.resource === 'namespaces') return one.name === namespace
    return one.verb === 'deletecollection' && one.user === namespaceController && one.namespace === namespace
  })
  return found?.at ?? Infinity
}

function podRequests(recording: Recording): Request[] {
  return recording
    .of('audit')
    .filter((one) => one.verb === 'create' && one.resource === 'pods' && one.subresource === '')
}
