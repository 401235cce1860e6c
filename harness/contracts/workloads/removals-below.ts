import { isAvailable, type PodCounts } from '../../judge/cluster/pod-counts.ts'
import { isSuccess } from '../../judge/cluster/bindings.ts'
import { audited } from '../../judge/recording/audited.ts'
import { isActive } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { watchDelayMs } from '../bounds.ts'
import { replicaSetController } from '../kube-controller-manager/pod-requests.ts'

/**
 * The first change with which the controller removed an available pod although fewer than `limit` stayed. Pods that
 * other clients delete, and pods that stop being Ready, are no part of a rollout.
 * @throws InconclusiveError NOT_AUDITED
 */
export function removalBelow(recording: Recording, counts: readonly PodCounts[], limit: number): PodCounts | undefined {
  const lostAt = counts.flatMap(({ at, previous, version }) =>
    previous && isAvailable(previous) && isActive(version.object) && !isAvailable(version.object) ? [at] : [],
  )
  return counts.find(({ at, life, version, previous, available }) => {
    const isRemoval = previous !== undefined && isAvailable(previous) && !isActive(version.object)
    // The controller may not have received these losses yet.
    const recent = lostAt.filter((lost) => lost <= at && lost >= at - watchDelayMs).length
    return isRemoval && available + recent < limit && isByController(recording, life, at)
  })
}

/** @throws InconclusiveError NOT_AUDITED where a lost part of the audit log may hold the request */
function isByController(recording: Recording, { namespace, name }: PodCounts['life'], at: number): boolean {
  const requests = recording
    .of('audit')
    .filter(
      (one) => one.resource === 'pods' && one.verb === 'delete' && one.namespace === namespace && one.name === name,
    )
  const before = requests.filter((one) => isSuccess(one) && one.at <= at + watchDelayMs)
  if (before.length === 0) audited(recording)
  return before[0]?.user === replicaSetController
}
