import type { Component } from '../../components.ts'

/*
 * k3s hides its arguments from /proc, because they may contain a token. Holdfast keeps the token in a file, so the
 * arguments are readable in the service's script, which the supervisor executes.
 */

/** Returns the `--name=value` words of a service's script, in order; a flag may repeat. */
export function scriptFlags(script: string): [flag: string, value: string][] {
  return [...script.matchAll(/'--([^=']+)=([^']*)'/g)].map(([, flag = '', value = '']) => [flag, value])
}

const passedOn: Readonly<Record<string, Component>> = {
  'kube-apiserver-arg': 'kube-apiserver',
  'kube-controller-manager-arg': 'kube-controller-manager',
  'kube-scheduler-arg': 'kube-scheduler',
  'kube-proxy-arg': 'kube-proxy',
  'kubelet-arg': 'kubelet',
}

/** Returns flags by component: those of k3s itself under `process`, and those for the components inside it under their names. */
export function flagsByComponent(
  process: Component,
  flags: readonly (readonly [flag: string, value: string])[],
): Map<Component, Record<string, string>> {
  const found = new Map<Component, Record<string, string>>([[process, {}]])
  const put = (component: Component, flag: string, value: string): void => {
    const own = found.get(component) ?? {}
    own[flag] = flag in own ? `${own[flag]},${value}` : value
    found.set(component, own)
  }
  for (const [flag, value] of flags) {
    const component = passedOn[flag]
    const [name = '', rest = 'true'] = value.split(/=(.*)/s, 2)
    if (component) put(component, name, rest)
    else put(process, flag, value)
  }
  return found
}
