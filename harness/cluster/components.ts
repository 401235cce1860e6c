import type { MachineSpec } from './machine-spec.ts'

/** The processes that are supervised on a machine, each killable, stoppable and freezable by itself. */
export type Component =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-scheduler'
  | 'kube-controller-manager'
  | 'containerd'
  | 'kubelet'
  | 'kube-proxy'
  | 'flanneld'
  | 'apiserver-lb'

export function componentsOf(machine: MachineSpec): readonly Component[] {
  return machine.components
}

/** What a boot starts as soon as an API server answers: earlier it would only wait, or fail and back off. */
export const afterApiServer: readonly Component[] = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'flanneld',
]
