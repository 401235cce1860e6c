import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { type Claim, sharedAddresses } from '../../judge/history/unique-addresses.ts'
import { servicesInTheApi } from '../../judge/cluster/addresses.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { mayBeRestored } from '../../judge/recording/restored.ts'
import { counted } from '../../judge/verdict/format.ts'
import { noViolation, violated } from '../consistency/violations.ts'

const found = findings({
  UNIQUE_CLUSTER_IPS: ({ services, created }: { readonly services: number; readonly created: number }) =>
    `${counted(services, 'Service')} of the cluster, and ${counted(created, 'Service')} that clients created, had an address of their own while they existed.`,
})

/** Judges every Service of the cluster, and the answers to the clients that create Services in parallel. */
export const uniqueClusterIps = defineContract<Claim>({
  id: 'API-12',
  area: 'kube-apiserver',
  promise: 'Each Service has a unique ClusterIP, even when several API servers allocate addresses in parallel.',
  reference: 'https://kubernetes.io/docs/reference/networking/virtual-ips/',
  stimulus: {
    needs: 'a Service with a ClusterIP',
    find: (recording) => (mayBeRestored(recording) ? [] : [...servicesInTheApi(recording), ...allocations(recording)]),
  },
  judge(recording) {
    const [services, created] = [servicesInTheApi(recording), allocations(recording)]
    return (
      violated([...sharedAddresses(created), ...sharedAddresses(services)]) ??
      found.pass(
        'UNIQUE_CLUSTER_IPS',
        { services: services.length, created: created.length },
        { observed: counted(services.length, 'unique ClusterIP'), ...noViolation },
      )
    )
  },
})

/** A client owns an address from the answer to its create request until the first request to delete the Service. */
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
