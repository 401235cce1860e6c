import { agnhostPorts, servicePorts } from '../cluster/agnhost.ts'
import type { Machine } from '../cluster/machine.ts'
import { serviceNetwork } from '../cluster/machine-spec.ts'
import type { ProbeTarget } from './probing.ts'

/** Ways to a Service. */
export type Way = 'cluster-ip' | 'node-port' | 'pod-ip' | 'dns-name'

/** What is known of a Service's addresses. */
export interface Addresses {
  readonly namespace: string
  readonly name: string
  readonly clusterIp: string
  /** By protocol; none for a Service that has none. */
  readonly nodePorts: { readonly tcp?: number; readonly udp?: number }
  /** Of one of its pods. */
  readonly podIp: string | undefined
}

/** Where a probe has to go for each way to a Service, over each protocol. @throws when the Service has no such way */
export function targetsOf(service: Addresses, ways: readonly Way[], node: Machine): ProbeTarget[] {
  return ways.flatMap((way) =>
    (['tcp', 'udp'] as const).map((protocol) => ({
      service: `${service.namespace}/${service.name}`,
      protocol,
      // Absent means the Service's own address, as journals always had it.
      ...(way === 'cluster-ip' ? {} : { target: way }),
      ...place(service, way, node, protocol),
    })),
  )
}

function place(
  { namespace, name, clusterIp, nodePorts, podIp }: Addresses,
  way: Way,
  node: Machine,
  protocol: 'tcp' | 'udp',
): Pick<ProbeTarget, 'address' | 'port' | 'name'> {
  const port = servicePorts[protocol]
  if (way === 'cluster-ip') return { address: clusterIp, port }
  if (way === 'dns-name') {
    const host = `${name}.${namespace}.svc.cluster.local`
    return { address: clusterIp, port, name: { dns: serviceNetwork.dns, host } }
  }
  if (way === 'pod-ip') {
    if (podIp === undefined) throw new Error(`Service ${name} has no pod with an address`)
    return { address: podIp, port: agnhostPorts[protocol] }
  }
  const nodePort = nodePorts[protocol]
  if (nodePort === undefined) throw new Error(`Service ${name} has no node port`)
  return { address: node.spec.address, port: nodePort }
}

/** The API servers as pods find them: through the Service that is always there. */
export const apiServerTarget: ProbeTarget = {
  service: 'default/kubernetes',
  protocol: 'tcp',
  address: serviceNetwork.apiServer,
  port: 443,
  ask: 'livez',
  target: 'api-server',
}
