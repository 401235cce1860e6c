import type { Component } from '../components.ts'

/**
 * The name under which each component serves its settings. Components in one process share what it serves, so that each
 * port of k3s answers with all of them. From the components' own sources: cmd/kubelet/app/server.go and its like.
 */
const names: Readonly<Partial<Record<Component, string>>> = {
  kubelet: 'kubeletconfig',
  'kube-proxy': 'kubeproxy.config.k8s.io',
  'kube-scheduler': 'componentconfig',
  'kube-controller-manager': 'kubecontrollermanager.config.k8s.io',
}

/** Returns a component's own part of an answer to /configz, with dotted paths; undefined where it has none. */
export function ownConfiguration(component: Component, answer: string): Record<string, string> | undefined {
  const all = JSON.parse(answer) as Record<string, unknown>
  const own = all[names[component] ?? '']
  return own === undefined ? undefined : flattened(own)
}

function flattened(value: unknown, path = ''): Record<string, string> {
  if (value === null || typeof value !== 'object') return { [path]: String(value) }
  return Object.assign(
    {},
    ...Object.entries(value).map(([key, inner]) => flattened(inner, path ? `${path}.${key}` : key)),
  )
}
