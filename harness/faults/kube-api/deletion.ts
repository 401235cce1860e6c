import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import type { Cluster } from '../../cluster/cluster.ts'
import type { FaultBody } from '../engine/fault.ts'
import { type PodsByLabel, fatesOf, gone, noneFound, podsByLabel, whatRan, whyStill } from '../targets/pods-by-label.ts'
import { nameOf } from '../targets/running-pods.ts'

/**
 * Deletes pods, which no disruption budget prevents. `force` removes them from the API before the kubelet has ended their
 * containers, as `kubectl delete --force --grace-period=0` does.
 */
export function deletionFault(cluster: Cluster, which: PodsByLabel, force: boolean): FaultBody {
  const { namespace, selector } = which
  let hit: V1Pod[] = []
  return {
    target: { machines: [], pods: { namespace, selector } },
    available: () => noneFound(cluster, which),
    inject: async () => {
      hit = await podsByLabel(cluster, which)
      await Promise.all(hit.map((pod) => cluster.kubernetes.delete(referenceTo(pod), force ? 0 : undefined)))
      const { going, untouched } = await fatesOf(cluster, which, hit)
      // A finalizer keeps a pod in the API, even with force.
      const missed = force ? [...going, ...untouched] : untouched
      if (missed.length > 0) throw new Error(missed.map(whyStill).join('; '))
      return [
        {
          proves: force
            ? 'the running pods are gone from the API'
            : 'the running pods are being deleted or already gone',
          facts: { ...whatRan(hit), force },
        },
      ]
    },
    heal: () => gone(cluster, which, hit),
    undo: () => [],
  }
}

function referenceTo(pod: V1Pod): KubernetesObject {
  const { namespace = '' } = pod.metadata ?? {}
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: nameOf(pod), namespace } }
}

export const deletedPods = 'none of these pods (by uid) is left in the API; replacements may exist'
