import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import {
  type PodsByLabel,
  fatesOf,
  gone,
  noneFound,
  podsByLabel,
  podsByLabelOptions,
  whatRan,
  whyStill,
} from './pods-by-label.ts'
import { nameOf } from './running-pods.ts'
import { requirePositive } from './settings.ts'

/**
 * Deletes pods as anybody may, whatever budget protects them. With `force` they are gone from the API at once, without
 * the kubelet's word that their containers have ended: `kubectl delete --force --grace-period=0`.
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
      // One that a finalizer holds is still in the API, whatever force was asked for.
      const missed = force ? [...going, ...untouched] : untouched
      if (missed.length > 0) throw new Error(missed.map(whyStill).join('; '))
      return [
        {
          proves: force
            ? 'pods that ran are gone from the API'
            : 'pods that ran are being deleted, or are gone already',
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

const ended = 'none of these pods (by uid) is left in the API; others may have taken their place'

export const deletePodsKind = faultKind({
  name: 'delete-pods',
  group: 'API',
  describe: 'Deletes pods that run, with the grace that they ask for',
  hits: 'cluster',
  evidence: { bit: 'each of the pods (by uid) had a running container, and has a deletion time or is gone', ended },
  options: z.object(podsByLabelOptions),
  make: (cluster, options) => deletePods(cluster, options),
})

export const forceDeleteKind = faultKind({
  name: 'force-delete',
  group: 'API',
  describe: 'Deletes pods that run from the API at once, without waiting for their containers to end',
  hits: 'cluster',
  evidence: { bit: 'each of the pods (by uid) had a running container, and is gone from the API', ended },
  options: z.object(podsByLabelOptions),
  make: (cluster, options) => deletePods(cluster, { ...options, force: true }),
})
