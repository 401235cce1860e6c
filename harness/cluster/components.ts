import type { Component } from '../common/component.ts'
import type { MachineSpec } from './machine/machine-spec.ts'

export type { Component }

export function componentsOf(machine: MachineSpec): readonly Component[] {
  return machine.components
}

/** The processes that have other components inside. A machine has at most one of them. */
const embeddingProcesses: readonly Component[] = ['k3s-server', 'k3s-agent']

export function embedsComponents(component: Component): boolean {
  return embeddingProcesses.includes(component)
}

/** Returns the process that a component is, or is a part of. Undefined where there is neither. */
export function processWith(component: Component, { components, embedded }: MachineSpec): Component | undefined {
  if (components.includes(component)) return component
  return embedded[component] === undefined ? undefined : components.find(embedsComponents)
}

/** Returns the components that run inside another process there. */
export function embeddedComponents(machine: MachineSpec): readonly Component[] {
  return Object.keys(machine.embedded) as Component[]
}

/** The components that a boot starts once an API server answers: earlier they would only wait, or fail and back off. */
export const afterApiServer: readonly Component[] = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'flanneld',
]
