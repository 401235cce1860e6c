import type { RecordOf } from '../record/records.ts'
import { type ObjectOf, objects } from './kubernetes-objects.ts'
import type { Recording } from './recording.ts'

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
}

/** How a Service's endpoints changed, merged over its slices. `service` is `<namespace>/<name>`. */
export function endpointStates(recording: Recording, service: string): EndpointState[] {
  const [namespace = '', name = ''] = service.split('/')
  const slices = objects(recording, 'endpointslices')
    .in(namespace)
    .filter(({ versions }) =>
      versions.some(({ object }) => object.metadata.labels['kubernetes.io/service-name'] === name),
    )
  const changes = slices
    .flatMap(({ uid, versions }) => versions.map((version) => ({ uid, ...version })))
    .sort((a, b) => a.at - b.at || a.resourceVersion - b.resourceVersion)
  const current = new Map<string, readonly Endpoint[]>()
  return changes.map(({ uid, at, resourceVersion, deleted, object }) => {
    current.set(uid, deleted ? [] : endpointsOf(object))
    const endpoints = new Map<string, Endpoint>()
    // A pod may be listed twice while it moves from slice to slice; ready in one is ready.
    for (const endpoint of [...current.values()].flat()) {
      if (!endpoints.get(endpoint.pod)?.ready) endpoints.set(endpoint.pod, endpoint)
    }
    return { at, resourceVersion, endpoints }
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

function endpointsOf({ endpoints }: ObjectOf<'endpointslices'>): Endpoint[] {
  return endpoints.flatMap(({ targetRef, nodeName, conditions }) =>
    // An endpoint whose readiness is not told counts as ready.
    targetRef ? [{ pod: targetRef.name, node: nodeName ?? '', ready: conditions.ready !== false }] : [],
  )
}
