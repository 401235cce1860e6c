import type { Contract } from '../judge/contract.ts'
import { apiServer } from './kube-apiserver/index.ts'
import { apiConsistency, etcdConsistency, podAddresses } from './consistency/consistency.ts'
import { availability } from './availability/index.ts'
import { controllerManager } from './kube-controller-manager/index.ts'
import { etcd } from './etcd/index.ts'
import { kubeProxy } from './kube-proxy/PROXY-02-fair-choice.ts'
import { kubelet } from './kubelet/KLET-07-terminating-unready.ts'
import { nodes } from './nodes/index.ts'
import { proxyRules } from './kube-proxy/index.ts'
import { scheduler } from './scheduler/index.ts'
import { saneBounds } from './system/SYS-03-sane-bounds.ts'
import { system } from './system/index.ts'
import { workedExample } from './worked-example/index.ts'
import { workloads } from './workloads/index.ts'

/** Every contract, in the order of the architecture: from the worked example down to the node. */
export const contracts: readonly Contract[] = [
  ...workedExample,
  ...apiServer,
  ...apiConsistency,
  ...etcd,
  ...etcdConsistency,
  ...scheduler,
  ...controllerManager,
  ...workloads,
  ...nodes,
  ...kubelet,
  ...podAddresses,
  ...kubeProxy,
  ...proxyRules,
  saneBounds,
  ...system,
  ...availability,
]
