import type { Component } from '../../components.ts'
import type { Role } from '../../topology.ts'
import type { Within } from '../distribution.ts'

/** A component that a k3s server may leave to a process of its own. */
export type Separable = 'kube-scheduler' | 'kube-controller-manager'

export const separable: readonly Separable[] = ['kube-scheduler', 'kube-controller-manager']

const child = (what: string, host: string): string => `containerd is a child of the ${what} ${host} and ends with it`

const node = (host: 'server' | 'agent'): Within => ({
  kubelet: `kubelet and kube-proxy are one process in a k3s ${host}`,
  'kube-proxy': `kubelet and kube-proxy are one process in a k3s ${host}`,
  flanneld: `flannel is part of the k3s ${host} process`,
  containerd: child('k3s', host),
  'apiserver-lb': `the balancer in front of the API servers is part of the k3s ${host} process`,
})

/**
 * What can't be hit by itself on a k3s machine, and why. `inside` has the sentences for the components that could have been processes of
 * their own and are not.
 */
export function within(role: Role, inside: Readonly<Partial<Record<Separable, string>>>): Within {
  if (role === 'etcd') return {}
  if (role === 'worker') return node('agent')
  const apiServer = 'the API server is part of the k3s server process, together with kubelet and kube-proxy'
  return { ...node('server'), 'kube-apiserver': apiServer, ...inside }
}

/** The processes on a k3s machine. */
export function componentsOf(role: Role, apart: readonly Separable[]): readonly Component[] {
  if (role === 'etcd') return ['etcd']
  return role === 'worker' ? ['k3s-agent'] : ['k3s-server', ...apart]
}
