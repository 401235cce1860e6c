import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { type Claim, sharedAddresses } from '../../judge/history/unique-addresses.ts'
import { servicesInTheApi } from '../../judge/addresses.ts'
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

export const clusterIps: readonly Contract[] = [uniqueClusterIps]
