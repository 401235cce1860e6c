import type { Contract } from '../judge/contract.ts'
import { apiServer } from './api-server/api-server.ts'
import { apiConsistency, etcdConsistency, podAddresses } from './consistency/consistency.ts'
import { availability } from './availability/availability.ts'
import { controllerManager } from './controller-manager/controller-manager.ts'
import { etcd } from './etcd/etcd.ts'
import { kubeProxy } from './proxy-rules/kube-proxy.ts'
import { kubelet } from './kubelet/kubelet.ts'
import { nodes } from './nodes/nodes.ts'
import { proxyRules } from './proxy-rules/proxy-rules.ts'
import { scheduler } from './scheduler/scheduler.ts'
import { saneBounds } from './system/sane-bounds.ts'
import { system } from './system/system.ts'
import { workedExample } from './worked-example/worked-example.ts'
import { workloads } from './workloads/workloads.ts'

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
