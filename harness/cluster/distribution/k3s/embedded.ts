import type { Component } from '../../components.ts'
import type { Role } from '../../topology.ts'
import type { EmbeddedComponents } from '../../machine/machine-spec.ts'

/** A component that k3s may leave to its own process: the first two beside a server, kube-proxy on every Node. */
export type Separable = 'kube-scheduler' | 'kube-controller-manager' | 'kube-proxy'

export const separable: readonly Separable[] = ['kube-scheduler', 'kube-controller-manager', 'kube-proxy']
/** Standalone wherever possible; the others only on request. */
export const standaloneByDefault: readonly Separable[] = ['kube-scheduler', 'kube-controller-manager']

export function isSeparable(component: Component): component is Separable {
  return separable.some((name) => name === component)
}

/** The standalone components, and the reason for each requested one that is not. */
export interface Separation {
  readonly standalone: readonly Separable[]
  readonly inside: Readonly<Partial<Record<Separable, string>>>
}

const child = (what: string, host: string): string => `containerd is a child of the ${what} ${host} and ends with it`

function node(host: 'server' | 'agent', { standalone, inside }: Separation): EmbeddedComponents {
  const together = `kubelet and kube-proxy are one process in a k3s ${host}`
  const isProxyStandalone = standalone.includes('kube-proxy')
  return {
    kubelet: isProxyStandalone ? `kubelet is part of the k3s ${host} process` : together,
    ...(isProxyStandalone
      ? {}
      : { 'kube-proxy': inside['kube-proxy'] ?? `${together}; --standalone-kube-proxy takes kube-proxy out of it` }),
    flanneld: `flannel is part of the k3s ${host} process`,
    containerd: child('k3s', host),
    'apiserver-lb': `the balancer in front of the API servers is part of the k3s ${host} process`,
  }
}

/** Returns what faults can't target by itself on a k3s machine, with the reasons. */
export function embeddedIn(role: Role, separation: Separation): EmbeddedComponents {
  if (role === 'etcd') return {}
  if (role === 'worker') return node('agent', separation)
  const { standalone, inside } = separation
  const rest = standalone.includes('kube-proxy') ? 'kubelet' : 'kubelet and kube-proxy'
  const whole = (name: Separable): EmbeddedComponents =>
    standalone.includes(name) ? {} : { [name]: inside[name] ?? `${name} is part of the k3s server process` }
  return {
    ...node('server', separation),
    'kube-apiserver': `the API server is part of the k3s server process, together with ${rest}`,
    ...whole('kube-scheduler'),
    ...whole('kube-controller-manager'),
  }
}

/** Returns the processes on a k3s machine. */
export function componentsOf(role: Role, standalone: readonly Separable[]): readonly Component[] {
  if (role === 'etcd') return ['etcd']
  return role === 'worker'
    ? ['k3s-agent', ...standalone.filter((name) => name === 'kube-proxy')]
    : ['k3s-server', ...standalone]
}
