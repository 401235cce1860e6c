import type { Contract } from '../../judge/contract.ts'
import { isActive, objects } from '../../judge/kubernetes-objects.ts'
import { type Claim, sharedAddresses } from '../../judge/history/unique-addresses.ts'
import type { Recording } from '../../judge/recording.ts'
import { needSome } from '../../judge/undecided.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** API-12. An address is held from when its Service's creator was told until somebody asks for its deletion. */
const uniqueClusterIps: Contract = {
  id: 'API-12',
  area: 'kube-apiserver',
  promise: 'Each Service has a ClusterIP of its own, also where several API servers give them out at once.',
  reference: 'https://kubernetes.io/docs/reference/networking/virtual-ips/',
  scenarios: ['consistency'],
  judge(recording) {
    const created = needSome(
      recording.of('allocation').filter(({ edge }) => edge === 'created'),
      'No Service was created.',
    )
    const deleted = new Map(
      recording.of('allocation').flatMap(({ edge, owner, at }) => (edge === 'deleted' ? [[owner, at]] : [])),
    )
    const claims = created.map(({ address, owner, endedAt }) => ({
      address,
      owner,
      from: endedAt,
      until: deleted.get(owner) ?? Infinity,
    }))
    return exact(
      sharedAddresses(claims),
      `${counted(claims.length, 'Service')} had an address of their own while they were there.`,
      counted(claims.length, 'unique ClusterIP'),
    )
  },
}

/** NET-05. A pod that is being deleted may have lost its address already. */
const uniquePodIps: Contract = {
  id: 'NET-05',
  area: 'kubelet',
  promise: 'No two live pods have the same address.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/',
  scenarios: ['kill-scheduler', 'drain-node'],
  judge(recording) {
    const claims = needSome(podClaims(recording), 'No pod had an address.')
    return exact(
      sharedAddresses(claims),
      `${counted(claims.length, 'pod')} had an address of their own while they lived.`,
      counted(claims.length, 'unique pod address', 'unique pod addresses'),
    )
  },
}

function podClaims(recording: Recording): Claim[] {
  return objects(recording, 'pods').lives.flatMap(({ uid, namespace, name, versions }) => {
    const first = versions.find(({ object }) => object.status.podIP !== undefined && !object.spec.hostNetwork)
    if (!first) return []
    const ends = versions.find(({ deleted, object }) => deleted || !isActive(object))
    return {
      address: first.object.status.podIP ?? '',
      owner: `${namespace}/${name} (${uid})`,
      from: first.resourceVersion,
      until: ends?.resourceVersion ?? Infinity,
    }
  })
}

export const clusterIps: readonly Contract[] = [uniqueClusterIps]
export const podIps: readonly Contract[] = [uniquePodIps]
