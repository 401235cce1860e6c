import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import {
  type PodsByLabel,
  fatesOf,
  gone,
  noneFound,
  podsByLabel,
  podsByLabelOptions,
  whatRan,
  whyStill,
} from '../targets/pods-by-label.ts'
import { nameOf } from '../targets/running-pods.ts'
import { requirePositive } from '../engine/settings.ts'

/**
 * Deletes pods, which no disruption budget prevents. `force` removes them from the API before the kubelet has ended their
 * containers, as `kubectl delete --force --grace-period=0` does.
 */
export function deletePods(cluster: Cluster, which: PodsByLabel & { readonly force?: boolean }): Fault {
  const { namespace, selector, force = false } = which
  if (which.count !== undefined) requirePositive('delete-pods', { count: which.count })
  let hit: V1Pod[] = []
  return {
    name: force ? 'force-delete' : 'delete-pods',
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

const ended = 'none of these pods (by uid) is left in the API; replacements may exist'

export const deletePodsKind = faultKind({
  name: 'delete-pods',
  group: 'API',
  describe: 'Deletes running pods with their own grace period',
  hits: 'cluster',
  evidence: { bit: 'each of the pods (by uid) had a running container, and has a deletion time or is gone', ended },
  options: z.object(podsByLabelOptions),
  make: (cluster, options) => deletePods(cluster, options),
})

export const forceDeleteKind = faultKind({
  name: 'force-delete',
  group: 'API',
  describe: 'Deletes running pods from the API at once, without waiting for their containers to end',
  hits: 'cluster',
  evidence: { bit: 'each of the pods (by uid) had a running container, and is gone from the API', ended },
  options: z.object(podsByLabelOptions),
  make: (cluster, options) => deletePods(cluster, { ...options, force: true }),
})
