import type { Contract } from '../judge/contract.ts'
import { availability } from './availability/index.ts'
import { etcd } from './etcd/index.ts'
import { kubeApiserver } from './kube-apiserver/index.ts'
import { kubeControllerManager } from './kube-controller-manager/index.ts'
import { kubeProxy } from './kube-proxy/index.ts'
import { kubelet } from './kubelet/index.ts'
import { nodes } from './nodes/index.ts'
import { podNetwork } from './pod-network/index.ts'
import { scheduler } from './scheduler/index.ts'
import { system } from './system/index.ts'
import { workedExample } from './worked-example/index.ts'
import { workloads } from './workloads/index.ts'

/** Every contract, in the order of the architecture: from the worked example down to the node. */
export const contracts: readonly Contract[] = [
  ...workedExample,
  ...kubeApiserver,
  ...etcd,
  ...scheduler,
  ...kubeControllerManager,
  ...workloads,
  ...nodes,
  ...kubelet,
  ...kubeProxy,
  ...podNetwork,
  ...system,
  ...availability,
]
