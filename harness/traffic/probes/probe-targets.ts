import type { ProbeSpec } from '../../agent/rpc/parameters.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { serviceNetwork } from '../../cluster/machine/machine-spec.ts'
import { HoldfastError } from '../../common/errors.ts'
import type { PodEndpoint, UsedPort } from './used-ports.ts'

/** Ways to a Service. */
export type Way = 'cluster-ip' | 'node-port' | 'pod-ip' | 'dns-name'

/** The addresses of a Service: its ports are its own, and `podIp` is the address of one of its pods. */
export interface Addresses extends PodEndpoint {
  readonly namespace: string
  readonly name: string
  /** `None` for a headless one. */
  readonly clusterIp: string
}

/** One address that probes use. */
export type ProbeTarget = Pick<ProbeSpec, 'address' | 'port' | 'protocol' | 'name' | 'request' | 'target'> & {
  /** The name in the journal: `<namespace>/<name>`. */
  readonly service: string
}

/** The probe targets of each way to a Service, over each of its protocols. @throws HoldfastError HF_NO_WAY */
export function targetsOf(service: Addresses, ways: readonly Way[], node: Machine): ProbeTarget[] {
  return ways.flatMap((way) =>
    service.ports.map((port) => ({
      service: serviceName(service),
      protocol: port.protocol,
      // Absent means the Service's own address.
      ...(way === 'cluster-ip' ? {} : { target: way }),
      ...place(service, way, node, port),
    })),
  )
}

/** The Service's name in the journal. */
export function serviceName({ namespace, name }: Pick<Addresses, 'namespace' | 'name'>): string {
  return `${namespace}/${name}`
}

/** The Service's own address. @throws HoldfastError HF_NO_WAY for a headless one */
export function clusterIpOf(service: Addresses): string {
  if (service.clusterIp !== '' && service.clusterIp !== 'None') return service.clusterIp
  throw noWay(service, 'cluster-ip', 'it has no cluster IP')
}

function place(
  service: Addresses,
  way: Way,
  node: Machine,
  { protocol, port, nodePort, podPort }: UsedPort,
): Pick<ProbeTarget, 'address' | 'port' | 'name'> {
  switch (way) {
    case 'cluster-ip':
      return { address: clusterIpOf(service), port }
    case 'dns-name': {
      const host = `${service.name}.${service.namespace}.svc.cluster.local`
      return { address: clusterIpOf(service), port, name: { dns: serviceNetwork.dns, host } }
    }
    case 'pod-ip':
      if (service.podIp === undefined || podPort === undefined)
        throw noWay(service, way, `no EndpointSlice lists a pod for its ${protocol.toUpperCase()} port ${port}`)
      return { address: service.podIp, port: podPort }
    case 'node-port':
      if (nodePort === undefined)
        throw noWay(service, way, `its ${protocol.toUpperCase()} port ${port} has no node port`)
      return { address: node.spec.address, port: nodePort }
  }
}

function noWay(service: Addresses, way: Way, why: string): HoldfastError {
  return new HoldfastError('HF_NO_WAY', `The Service ${serviceName(service)} can't be reached by ${way}: ${why}.`, {
    hint: 'Choose another way, or change the type of the Service.',
    exitCode: 64,
  })
}

/** The API servers through their Service, as pods use them. */
export const apiServerTarget: ProbeTarget = {
  service: 'default/kubernetes',
  protocol: 'tcp',
  address: serviceNetwork.apiServer,
  port: 443,
  request: 'livez',
  target: 'api-server',
}
