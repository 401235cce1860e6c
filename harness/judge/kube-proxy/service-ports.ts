import type { ObjectOf } from '../recording/kubernetes-objects.ts'
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
  /** Another program serves it, not kube-proxy. */
  otherProxy: 'service.kubernetes.io/service-proxy-name',
  headless: 'service.kubernetes.io/headless',
}

/** The name with which a pod answers, by its namespace and name. */
export type AnswerName = (namespace: string, pod: string) => string

/**
 * Every port that kube-proxy serves over IPv4, with the endpoints that the slices list. Default: a pod answers with its
 * own name.
 */
export function servicePorts(
  services: readonly Named<Service>[],
  slices: readonly Named<Slice>[],
  answerName: AnswerName = (_, pod) => pod,
): ServicePort[] {
  const bySlice = Map.groupBy(
    slices.filter(({ object }) => object.addressType === 'IPv4' && !(labels.headless in object.metadata.labels)),
    ({ namespace, object }) => `${namespace}/${object.metadata.labels[labels.service] ?? ''}`,
  )
  return services.flatMap(({ namespace, name, object }) => {
    const service = `${namespace}/${name}`
    const own = bySlice.get(service) ?? []
    return isServed(object) ? portsOf(service, object, own, (pod) => answerName(namespace, pod)) : []
  })
}

function isServed({ metadata, spec }: Service): boolean {
  const isHandledByKubeProxy = !(labels.otherProxy in metadata.labels)
  return (
    spec.type !== 'ExternalName' && spec.clusterIP !== headless && addressOf(spec) !== undefined && isHandledByKubeProxy
  )
}

/** A dual-stack Service has its IPv4 address in either place. */
function addressOf({ clusterIP = '', clusterIPs }: Service['spec']): string | undefined {
  return [clusterIP, ...clusterIPs].find(isIPv4)
}

const isIPv4 = (address: string): boolean => address.includes('.') && !address.includes(':')

function portsOf(
  service: string,
  { spec, status }: Service,
  slices: readonly Named<Slice>[],
  answerName: (pod: string) => string,
): ServicePort[] {
  const external = spec.type === 'NodePort' || spec.type === 'LoadBalancer' || spec.externalIPs.length > 0
  const sources = spec.loadBalancerSourceRanges.map((range) => range.trim()).filter(isIPv4)
  return spec.ports.map(({ name, port, protocol, nodePort }) => ({
    service,
    name,
    protocol: protocol.toLowerCase() as Protocol,
    clusterIP: addressOf(spec) ?? '',
    port,
    nodePort,
    externalIPs: spec.externalIPs.filter(isIPv4),
    balancers: status.loadBalancer.ingress.flatMap(({ ip, ipMode }) =>
      ip && isIPv4(ip) && ipMode !== 'Proxy' ? [ip] : [],
    ),
    // The range of all addresses equals no range.
    balancerSources: sources.some((range) => range.endsWith('/0')) ? [] : sources,
    internalLocal: spec.internalTrafficPolicy === 'Local',
    externalLocal: external && spec.externalTrafficPolicy === 'Local',
    ...(spec.sessionAffinity === 'ClientIP'
      ? { stickySeconds: spec.sessionAffinityConfig.clientIP.timeoutSeconds }
      : {}),
    endpoints: endpointsOf(name, protocol, slices, answerName),
  }))
}

/** An address that is listed twice is one endpoint: an entry that is not terminating takes precedence. */
function endpointsOf(
  name: string,
  protocol: string,
  slices: readonly Named<Slice>[],
  answerName: (pod: string) => string,
): Endpoint[] {
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
          pod: targetRef ? answerName(targetRef.name) : '',
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
