import type { V1Pod } from '@kubernetes/client-node'
import { answerText } from '../../cluster/api/api-answer.ts'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import {
  type PodsByLabel,
  gone,
  noneFound,
  podsByLabel,
  podsByLabelOptions,
  whatRan,
} from '../targets/pods-by-label.ts'
import { nameOf } from '../targets/running-pods.ts'

const timeoutMs = 10_000

/**
 * Requests eviction of pods by label, one after the other, as a drain does. A disruption budget may refuse; without any granted
 * eviction the fault is unproven. Reverted when the evicted pods are gone.
 */
export const evict = defineFault({
  name: 'evict',
  describe: 'Evicts running pods, subject to disruption budgets',
  hits: 'cluster',
  evidence: {
    bit: 'the API server has granted at least one eviction of a pod with a running container; the facts contain refusals',
    ended: 'none of the evicted pods (by uid) is left in the API',
  },
  options: podsByLabelOptions,
  create: (cluster, options) => evictFault(cluster, options),
})

function evictFault(cluster: Cluster, which: PodsByLabel): FaultBody {
  const { namespace, selector } = which
  let evicted: V1Pod[] = []
  return {
    target: { machines: [], pods: { namespace, selector } },
    available: () => noneFound(cluster, which),
    inject: async () => {
      const pods = await podsByLabel(cluster, which)
      let refusal = ''
      evicted = []
      for (const pod of pods) {
        const { status, body } = await requestEviction(cluster, namespace, nameOf(pod))
        if (status === 201) evicted.push(pod)
        else refusal = answerText({ status, body })
      }
      if (evicted.length === 0) throw new Error(`no eviction was granted: ${refusal}`)
      return [
        {
          proves: 'the API server granted evictions of running pods',
          facts: {
            ...whatRan(evicted),
            pods: pods.length,
            evicted: evicted.length,
            ...(refusal ? { refusal } : {}),
          },
        },
      ]
    },
    heal: () => gone(cluster, which, evicted),
    undo: () => [],
  }
}

/** Sends the request to the first API server that answers. */
async function requestEviction(
  { kubernetes }: Cluster,
  namespace: string,
  name: string,
): Promise<{ status: number; body: string }> {
  const body = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { namespace, name } }
  let last: unknown = new Error('there is no API server')
  for (const server of kubernetes.servers) {
    try {
      return await apiRequest(server, 'POST', `/api/v1/namespaces/${namespace}/pods/${name}/eviction`, {
        body,
        timeoutMs,
      })
    } catch (error) {
      last = error
    }
  }
  throw last
}
