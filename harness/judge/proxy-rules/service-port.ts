import type { Protocol } from './packet.ts'

/** One port of a Service with everything that decides where its packets go. */
export interface ServicePort {
  /** `<namespace>/<name>` */
  readonly service: string
  /** The port's name; '' where it has none. */
  readonly name: string
  readonly protocol: Protocol
  readonly clusterIP: string
  readonly port: number
  /** 0 where there is none. */
  readonly nodePort: number
  readonly externalIPs: readonly string[]
  /** Addresses of load balancers that hand packets on as they are. */
  readonly balancers: readonly string[]
  /** From where the load balancers' addresses may be reached; none means from everywhere. */
  readonly balancerSources: readonly string[]
  readonly internalLocal: boolean
  readonly externalLocal: boolean
  readonly stickySeconds?: number
  readonly endpoints: readonly Endpoint[]
}

/** An endpoint of a Service's port, as its slices tell. */
export interface Endpoint {
  readonly ip: string
  readonly port: number
  /** The name by which the pod behind it answers; '' where no pod is named. */
  readonly pod: string
  /** The Node it is on, '' where that is not told. */
  readonly node: string
  /** Also true of every endpoint of a Service that publishes addresses which are not ready. */
  readonly ready: boolean
  readonly serving: boolean
  readonly terminating: boolean
  /** Zones and Nodes whose packets it is meant for; none means no hint. */
  readonly zones: readonly string[]
  readonly nodes: readonly string[]
}

/** A machine as far as its kube-proxy's rules depend on it. */
export interface ProxyMachine {
  readonly name: string
  /** The address that NodePorts are open on. */
  readonly address: string
  readonly zone: string
  /** The range by which kube-proxy tells pods from everybody else. */
  readonly podRange: string
}

export function portWords({ service, name, protocol, port }: ServicePort): string {
  return `${service}${name === '' ? '' : `:${name}`} (${protocol} ${port})`
}

export function endpointAddress({ ip, port }: Endpoint): string {
  return `${ip}:${port}`
}

/** Reachable by something else than its ClusterIP. */
export function isExternal({ nodePort, externalIPs, balancers }: ServicePort): boolean {
  return nodePort !== 0 || externalIPs.length > 0 || balancers.length > 0
}
