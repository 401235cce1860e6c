import type { RecordOf } from '../../record/records.ts'
import { type ObjectOf, objects } from '../recording/kubernetes-objects.ts'
import type { Life } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'

export interface Endpoint {
  readonly pod: string
  readonly node: string
  readonly ready: boolean
}

/** All endpoints of a Service at a time, after one of its slices changed. */
export interface EndpointState {
  readonly at: number
  readonly resourceVersion: number
  readonly endpoints: ReadonlyMap<string, Endpoint>
  /** The record of the slice that changed. */
  readonly record: RecordOf<'watch'>
}

export const serviceLabel = 'kubernetes.io/service-name'
const managedByLabel = 'endpointslice.kubernetes.io/managed-by'

/** Whether the EndpointSlice controller manages a slice. Slices without the label count as managed. */
export function managedByController({ metadata }: ObjectOf<'endpointslices'>): boolean {
  const controller = 'endpointslice-controller.k8s.io'
  return (metadata.labels[managedByLabel] ?? controller) === controller
}

/**
 * Every Service whose slices follow the readiness of its pods, as `<namespace>/<name>`: without Services whose slices
 * another program writes, and Services that publish not-ready addresses.
 */
export function followedServices(recording: Recording): string[] {
  const names = objects(recording, 'endpointslices').lives.flatMap(({ namespace, versions }) =>
    versions.flatMap(({ object }) => {
      const name = object.metadata.labels[serviceLabel]
      return name === undefined || !managedByController(object) ? [] : [`${namespace}/${name}`]
    }),
  )
  return [...new Set(names)].filter((service) =>
    servicesOf(recording, service).every(({ versions }) =>
      versions.every(({ object }) => !object.spec.publishNotReadyAddresses),
    ),
  )
}

function servicesOf(recording: Recording, service: string): Life<ObjectOf<'services'>>[] {
  const [namespace = '', name = ''] = service.split('/')
  return objects(recording, 'services').named(namespace, name)
}

/** How a Service's endpoints changed, merged over its slices. `service` is `<namespace>/<name>`. */
export function endpointStates(recording: Recording, service: string): EndpointState[] {
  const [namespace = '', name = ''] = service.split('/')
  const slices = objects(recording, 'endpointslices')
    .in(namespace)
    .filter(({ versions }) => versions.some(({ object }) => object.metadata.labels[serviceLabel] === name))
  const changes = slices
    .flatMap(({ uid, versions }) => versions.map((version) => ({ uid, ...version })))
    .sort((a, b) => a.at - b.at || a.resourceVersion - b.resourceVersion)
  const current = new Map<string, readonly Endpoint[]>()
  return changes.map(({ uid, at, resourceVersion, deleted, object, record }) => {
    current.set(uid, deleted ? [] : endpointsOf(object))
    const endpoints = new Map<string, Endpoint>()
    // A pod may be listed twice while it moves from slice to slice; ready in one is ready.
    for (const endpoint of [...current.values()].flat()) {
      if (!endpoints.get(endpoint.pod)?.ready) endpoints.set(endpoint.pod, endpoint)
    }
    return { at, resourceVersion, endpoints, record }
  })
}

export function endpointsAt(states: readonly EndpointState[], time: number): ReadonlyMap<string, Endpoint> | undefined {
  return states.findLast(({ at }) => at <= time)?.endpoints
}

export function readyPods(endpoints: ReadonlyMap<string, Endpoint>): string[] {
  return [...endpoints.values()].flatMap(({ pod, ready }) => (ready ? [pod] : [])).sort()
}

/** Attempts to reach one Service. */
export function attemptsTo(recording: Recording, service: string): RecordOf<'attempt'>[] {
  return recording.of('attempt').filter((attempt) => attempt.service === service)
}

/**
 * Attempts that kube-proxy sends to any ready endpoint of a Service: fresh connections to its own address. Empty where
 * the Service keeps traffic on its Node.
 */
export function balancedAttempts(recording: Recording, service: string): RecordOf<'attempt'>[] {
  const keepsLocal = servicesOf(recording, service).some(({ versions }) =>
    versions.some(({ object }) => object.spec.internalTrafficPolicy === 'Local'),
  )
  if (keepsLocal) return []
  return attemptsTo(recording, service).filter(
    ({ target = 'cluster-ip', connection = 'fresh' }) => target === 'cluster-ip' && connection === 'fresh',
  )
}

function endpointsOf({ endpoints }: ObjectOf<'endpointslices'>): Endpoint[] {
  return endpoints.flatMap(({ targetRef, nodeName, conditions }) =>
    // An endpoint without a readiness condition counts as ready.
    targetRef ? [{ pod: targetRef.name, node: nodeName ?? '', ready: conditions.ready !== false }] : [],
  )
}
