import type { Protocol } from './packet.ts'

/** One port of a Service with everything that decides where its packets go. */
export interface ServicePort {
  /** `<namespace>/<name>` */
  readonly service: string
  /** The port's name; '' without a name. */
  readonly name: string
  readonly protocol: Protocol
  readonly clusterIP: string
  readonly port: number
  /** 0 without one. */
  readonly nodePort: number
  readonly externalIPs: readonly string[]
  /** Addresses of load balancers that forward packets unchanged. */
  readonly balancers: readonly string[]
  /** Allowed sources for the load balancers' addresses; empty allows every source. */
  readonly balancerSources: readonly string[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly stickySeconds?: number
  readonly endpoints: readonly Endpoint[]
}

/** An endpoint of a Service's port, from its slices. */
export interface Endpoint {
  readonly ip: string
  readonly port: number
  /** The name with which its pod answers; '' where the slice names no pod. */
  readonly pod: string
  /** Its Node, '' where the slice names none. */
  readonly node: string
  /** Also true for every endpoint of a Service that publishes not-ready addresses. */
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  /** Zones and Nodes for which it is hinted; empty means no hint. */
  readonly zones: readonly string[]
  readonly nodes: readonly string[]
}

/** The facts of a machine that its kube-proxy's rules depend on. */
export interface ProxyMachine {
  readonly name: string
  /** The address on which NodePorts are open. */
  readonly address: string
  readonly zone: string
  /** The range by which kube-proxy recognises pods. */
  readonly podRange: string
}

export function formatPort({ service, name, protocol, port }: ServicePort): string {
  return `${service}${name === '' ? '' : `:${name}`} (${protocol} ${port})`
}

export function endpointAddress({ ip, port }: Endpoint): string {
  return `${ip}:${port}`
}

/** Whether it is reachable by more than its ClusterIP. */
export function isExternal({ nodePort, externalIPs, balancers }: ServicePort): boolean {
  return nodePort !== 0 || externalIPs.length > 0 || balancers.length > 0
}
