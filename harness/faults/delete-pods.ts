import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import {
  type PodsByLabel,
  gone,
  nameOf,
  noneFound,
  podsByLabel,
  podsByLabelOptions,
  untouched,
} from './pods-by-label.ts'

/**
 * Deletes pods as anybody may, whatever budget protects them. With `force` they are gone from the API at once, without
 * the kubelet's word that their containers have ended: `kubectl delete --force --grace-period=0`.
 */
export function deletePods(cluster: Cluster, which: PodsByLabel & { readonly force?: boolean }): Fault {
  const { namespace, selector, force = false } = which
  let hit: V1Pod[] = []
  return {
    name: force ? 'force-delete' : 'delete-pods',
    target: { machines: [], pods: { namespace, selector } },
    available: () => noneFound(cluster, which),
    inject: async () => {
      hit = await podsByLabel(cluster, which)
      await Promise.all(hit.map((pod) => cluster.kubernetes.delete(referenceTo(pod), force ? 0 : undefined)))
      const left = await untouched(cluster, which, hit)
      if (left.length > 0) throw new Error(`${left.join(', ')} of ${hit.length} pods are not being deleted`)
      return [
        {
          proves: force ? 'the pods are gone from the API' : 'the pods are being deleted',
          facts: { pods: hit.length, names: hit.map(nameOf).join(' '), force },
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
  describe: 'Deletes pods, with the grace that they ask for',
  hits: 'cluster',
  evidence: { bit: 'each of the pods (by uid) has a deletion time or is gone', ended },
  options: z.object(podsByLabelOptions),
  make: (cluster, options) => deletePods(cluster, options),
})

export const forceDeleteKind = faultKind({
  name: 'force-delete',
  group: 'API',
  describe: 'Deletes pods from the API at once, without waiting for their containers to end',
  hits: 'cluster',
  evidence: { bit: 'each of the pods (by uid) is gone from the API', ended },
  options: z.object(podsByLabelOptions),
  make: (cluster, options) => deletePods(cluster, { ...options, force: true }),
})
