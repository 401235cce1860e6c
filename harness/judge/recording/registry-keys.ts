/** A Kubernetes object by its key in etcd. */
export interface StoredObject {
  readonly resource: string
  readonly namespace: string
  readonly name: string
}

/** Folders under /registry/ by the resource's name in Kubernetes; other resources are not watched. */
const folders: Readonly<Record<string, string>> = {
  minions: 'nodes',
  pods: 'pods',
  'services/specs': 'services',
  events: 'events',
  deployments: 'deployments',
  replicasets: 'replicasets',
  statefulsets: 'statefulsets',
  daemonsets: 'daemonsets',
  controllerrevisions: 'controllerrevisions',
  jobs: 'jobs',
  persistentvolumes: 'persistentvolumes',
  persistentvolumeclaims: 'persistentvolumeclaims',
  endpointslices: 'endpointslices',
  leases: 'leases',
  poddisruptionbudgets: 'poddisruptionbudgets',
  validatingwebhookconfigurations: 'validatingwebhookconfigurations',
}

const withoutNamespace = new Set(['nodes', 'persistentvolumes', 'validatingwebhookconfigurations'])

/** The object of an etcd key; undefined for resources that are not watched. */
export function objectAt(key: string): StoredObject | undefined {
  const [, registry, ...parts] = key.split('/')
  if (registry !== 'registry') return undefined
  for (const depth of [1, 2]) {
    const resource = folders[parts.slice(0, depth).join('/')]
    if (resource === undefined) continue
    const [first = '', second] = parts.slice(depth)
    if (withoutNamespace.has(resource)) return { resource, namespace: '', name: first }
    return second === undefined ? undefined : { resource, namespace: first, name: second }
  }
  return undefined
}
