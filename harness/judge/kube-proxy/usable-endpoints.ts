import { type Endpoint, type ProxyMachine, type ServicePort, isExternal } from './service-port.ts'

/** The endpoints of a port that one machine may use. */
export interface Usable {
  /** For traffic policy Cluster. */
  readonly cluster: readonly Endpoint[]
  /** For traffic policy Local: those on the machine itself. */
  readonly local: readonly Endpoint[]
  /**
   * Whether some machine has a usable endpoint: then packets that can't be forwarded here are dropped and not refused.
   */
  readonly anywhere: boolean
}

/**
 * Ready endpoints; without any, those that are terminating and still serve. Each traffic policy falls back separately.
 * https://kubernetes.io/docs/reference/networking/virtual-ips/
 */
export function usableEndpoints(port: ServicePort, machine: ProxyMachine): Usable {
  const usesCluster = !port.internalLocal || isExternal(port)
  const usesLocal = port.internalLocal || (port.externalLocal && isExternal(port))
  const cluster = usesCluster ? nearest(preferred(port.endpoints), machine) : []
  const local = usesLocal ? preferred(port.endpoints.filter(({ node }) => node === machine.name)) : []
  return {
    cluster,
    local,
    anywhere: cluster.length > 0 || (usesLocal && preferred(port.endpoints).length > 0),
  }
}

function preferred(endpoints: readonly Endpoint[]): Endpoint[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  return ready.length > 0 ? ready : endpoints.filter(({ serving, terminating }) => serving && terminating)
}

/** Hints count only if every ready endpoint has one and one of them is for this machine. */
function nearest(endpoints: readonly Endpoint[], { name, zone }: ProxyMachine): readonly Endpoint[] {
  if (!endpoints.some(({ ready }) => ready)) return endpoints
  for (const [hints, here] of [
    [(endpoint: Endpoint) => endpoint.nodes, name],
    [(endpoint: Endpoint) => endpoint.zones, zone],
  ] as const) {
    if (!endpoints.every((endpoint) => hints(endpoint).length > 0)) continue
    const near = endpoints.filter((endpoint) => hints(endpoint).includes(here))
    if (near.length > 0) return near
  }
  return endpoints
}
