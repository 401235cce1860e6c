import type { V1EndpointSlice, V1Pod, V1Service } from '@kubernetes/client-node'
import type { Kubernetes } from '../../cluster/api/kubernetes.ts'
import { eventually, type WaitOptions } from '../../common/eventually.ts'

/**
 * Resolves once a Service's slices list exactly its selected pods that are ready. The slice controller may be a second behind the
 * Deployment controller, and creates slices after their Service. `service`: namespace/name.
 */
export async function endpointsFollow(
  kubernetes: Kubernetes,
  service: string,
  waitOptions: WaitOptions,
): Promise<void> {
  const [namespace = '', name = ''] = service.split('/')
  const ofService = `kubernetes.io/service-name=${name}`
  const own = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } }
  await eventually(
    `the slices of ${service} to have followed its pods`,
    async () => {
      const { selector, publishNotReadyAddresses } = (await kubernetes.read<V1Service>(own)).spec ?? {}
      // These slices list pods that are not ready as well.
      if (!selector || publishNotReadyAddresses) return true
      const labels = Object.entries(selector).map(([label, value]) => `${label}=${value}`)
      const [pods, slices] = await Promise.all([
        kubernetes.list<V1Pod>('v1', 'Pod', namespace, labels.join(',')),
        kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', namespace, ofService),
      ])
      const staying = pods.filter((pod) => isReady(pod) && pod.metadata?.deletionTimestamp === undefined)
      const listed = slices.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions?.ready)
      const ready = new Set(staying.map(({ metadata }) => metadata?.name))
      const differ = [...ready.symmetricDifference(new Set(listed.map(({ targetRef }) => targetRef?.name)))]
      if (differ.length > 0) throw new Error(`ready by one of them only: ${differ.join(', ')}`)
      return true
    },
    waitOptions,
  )
}

export function isReady({ status }: V1Pod): boolean {
  return status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') ?? false
}
