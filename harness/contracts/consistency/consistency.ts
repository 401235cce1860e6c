import type { Contract } from '../../judge/contract.ts'
import { clusterIps } from '../kube-apiserver/API-12-unique-cluster-ips.ts'
import { compactions, gone } from '../kube-apiserver/API-05-expired-versions.ts'
import { memberContents } from '../etcd/ETCD-11-same-data.ts'
import { pages } from '../kube-apiserver/API-07-list-snapshots.ts'
import { podIps } from '../kubelet/NET-05-unique-pod-ips.ts'
import { reads, serializability } from '../kube-apiserver/API-03-consistent-reads.ts'
import { updates } from '../kube-apiserver/API-02-no-lost-update.ts'
import { etcdWatches, watches } from '../kube-apiserver/API-04-complete-watches.ts'

/* What clients observe of the store, compared with all operations that were sent to it. */

export const apiConsistency: readonly Contract[] = [...updates, ...reads, ...watches, ...gone, ...pages, ...clusterIps]
export const etcdConsistency: readonly Contract[] = [
  ...serializability,
  ...etcdWatches,
  ...compactions,
  ...memberContents,
]
export const podAddresses: readonly Contract[] = podIps
