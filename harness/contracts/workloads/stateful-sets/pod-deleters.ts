import { isSuccess } from '../../../judge/cluster/bindings.ts'
import { audited } from '../../../judge/recording/audited.ts'
import type { Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { watchDelayMs } from '../../bounds.ts'

const statefulSetController = 'system:serviceaccount:kube-system:statefulset-controller'

/**
 * Whether the StatefulSet controller requested the deletion of a pod that was reported at a time. Another client that requested it
 * too may have been the first.
 * @throws InconclusiveError NOT_AUDITED where a lost part of the audit log may hold the request
 */
export function isDeletedByController(recording: Recording, { namespace, name }: Life<Pod>, at: number): boolean {
  const requests = recording
    .of('audit')
    .filter(
      (one) =>
        one.resource === 'pods' &&
        one.namespace === namespace &&
        one.name === name &&
        (one.verb === 'delete' || one.subresource === 'eviction') &&
        isSuccess(one) &&
        Math.abs(one.at - at) <= watchDelayMs,
    )
  if (requests.length === 0) audited(recording)
  return requests.length > 0 && requests.every(({ user }) => user === statefulSetController)
}
