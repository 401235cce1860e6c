import type { ObjectOf } from '../kubernetes-objects.ts'
import type { Protocol } from './packet.ts'
import { type Endpoint, type ServicePort, endpointAddress } from './service-port.ts'

export interface Named<T> {
  readonly namespace: string
  readonly name: string
  readonly object: T
}

type Service = ObjectOf<'services'>
type Slice = ObjectOf<'endpointslices'>

const headless = 'None'
const labels = {
  service: 'kubernetes.io/service-name',
  /** Somebody else's than kube-proxy's to serve. */
  otherProxy: 'service.kubernetes.io/service-proxy-name',
  headless: 'service.kubernetes.io/headless',
}

/** Every port that kube-proxy serves over IPv4, with the endpoints that the slices tell. */
export function servicePorts(services: readonly Named<Service>[], slices: readonly Named<Slice>[]): ServicePort[] {
  const bySlice = Map.groupBy(
    slices.filter(({ object }) => object.addressType === 'IPv4' && !(labels.headless in object.metadata.labels)),
    ({ namespace, object }) => `${namespace}/${object.metadata.labels[labels.service] ?? ''}`,
  )
  return services.flatMap(({ namespace, name, object }) => {
    const service = `${namespace}/${name}`
    return isServed(object) ? portsOf(service, object, bySlice.get(service) ?? []) : []
  })
}

function isServed({ metadata, spec }: Service): boolean {
  const { clusterIP = '', type } = spec
  const isIPv4 = clusterIP.includes('.')
  return type !== 'ExternalName' && clusterIP !== headless && isIPv4 && !(labels.otherProxy in metadata.labels)
}

function portsOf(service: string, { spec, status }: Service, slices: readonly Named<Slice>[]): ServicePort[] {
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.externalIPs.length > 0
  const sources = spec.loadBalancerSourceRanges.map((range) => range.trim())
  return spec.ports.map(({ name, port, protocol, nodePort }) => ({
    service,
    name,
    protocol: protocol.toLowerCase() as Protocol,
    clusterIP: spec.clusterIP ?? '',
    port,
    nodePort,
    externalIPs: spec.externalIPs,
    balancers: status.loadBalancer.ingress.flatMap(({ ip, ipMode }) => (ip && ipMode !== 'Proxy' ? [ip] : [])),
    // The range of all addresses is as good as none.
    balancerSources: sources.some((range) => range.endsWith('/0')) ? [] : sources,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: external && spec.externalTrafficPolicy === 'Local',
    ...(spec.sessionAffinity === 'ClientIP'
      ? { stickySeconds: spec.sessionAffinityConfig.clientIP.timeoutSeconds }
      : {}),
    endpoints: endpointsOf(name, protocol, slices),
  }))
}

/** An address told twice is that of one endpoint: one that is not terminating counts before one that is. */
function endpointsOf(name: string, protocol: string, slices: readonly Named<Slice>[]): Endpoint[] {
  const found = new Map<string, Endpoint>()
  for (const { object } of slices) {
    const ports = object.ports.filter((port) => port.name === name && port.protocol === protocol)
    for (const { port } of ports) {
      for (const { addresses, nodeName, targetRef, conditions, hints } of object.endpoints) {
        const [ip] = addresses
        if (ip === undefined || !port) continue
        const endpoint: Endpoint = {
          ip,
          port,
          pod: targetRef?.name ?? '',
          node: nodeName ?? '',
          ready: conditions.ready !== false,
          serving: conditions.serving !== false,
          terminating: conditions.terminating === true,
          zones: hints.forZones.map((zone) => zone.name),
          nodes: hints.forNodes.map((node) => node.name),
        }
        const address = endpointAddress(endpoint)
        if (!found.has(address) || !endpoint.terminating) found.set(address, endpoint)
      }
    }
  }
  return [...found.values()]
}
