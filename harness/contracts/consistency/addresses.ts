import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { type Claim, sharedAddresses } from '../../judge/history/unique-addresses.ts'
import { podsInTheApi, sandboxes, servicesInTheApi } from '../../judge/addresses.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** API-12. What the one who created it was told, and what every Service of the cluster has, ours or not. */
const uniqueClusterIps: Contract = {
  id: 'API-12',
  area: 'kube-apiserver',
  promise: 'Each Service has a ClusterIP of its own, also where several API servers give them out at once.',
  reference: 'https://kubernetes.io/docs/reference/networking/virtual-ips/',
  scenarios: ['consistency'],
  judge(recording) {
    const told = requireNonEmpty(allocations(recording), 'No Service was created.')
    const there = requireNonEmpty(servicesInTheApi(recording), 'No Service was seen.')
    return exact(
      [...sharedAddresses(told), ...sharedAddresses(there)],
      `${counted(told.length, 'Service')} that were created all the time, and ${counted(there.length, 'Service')} of the whole cluster, had an address of their own while they were there.`,
      counted(there.length, 'unique ClusterIP'),
    )
  },
}

/** An address is held from when its Service's creator was told until somebody asks for its deletion. */
function allocations(recording: Recording): Claim[] {
  const all = recording.of('allocation')
  const deleted = new Map(all.flatMap(({ edge, owner, at }) => (edge === 'deleted' ? [[owner, at]] : [])))
  return all
    .filter(({ edge }) => edge === 'created')
    .map(({ address, owner, endedAt }) => ({
      address,
      owner,
      from: endedAt,
      until: deleted.get(owner) ?? Infinity,
    }))
}

/** NET-05. What the API says of pods, and what each machine's kernel has: a pod that the API has forgotten may live on. */
const uniquePodIps: Contract = {
  id: 'NET-05',
  area: 'kubelet',
  promise: 'No two live pods have the same address.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/',
  scenarios: ['kill-scheduler', 'drain-node', 'kube-proxy-rules'],
  judge(recording) {
    const told = requireNonEmpty(podsInTheApi(recording), 'No pod had an address.')
    const real = requireNonEmpty(sandboxes(recording), 'No machine was asked which addresses its pods have.')
    return exact(
      [...sharedAddresses(told), ...sharedAddresses(real)],
      `${counted(told.length, 'pod')} of the API and ${counted(real.length, 'sandbox', 'sandboxes')} on the machines had an address of their own while they lived.`,
      counted(real.length, 'unique pod address', 'unique pod addresses'),
    )
  },
}

export const clusterIps: readonly Contract[] = [uniqueClusterIps]
export const podIps: readonly Contract[] = [uniquePodIps]
