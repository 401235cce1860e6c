import { inRange } from './address-range.ts'
import { type Packet, packetKey } from './packet.ts'
import type { ProxyMachine, ServicePort } from './service-port.ts'
import type { Usable } from './usable-endpoints.ts'

/** An address at which a Service's port can be reached. */
export interface Destination {
  readonly kind: 'cluster IP' | 'external IP' | 'balancer' | 'node port'
  readonly address: string
  readonly port: number
}

export function destinationsOf(port: ServicePort, machine: ProxyMachine): Destination[] {
  return [
    { kind: 'cluster IP' as const, address: port.clusterIP, port: port.port },
    ...port.externalIPs.map((address) => ({ kind: 'external IP' as const, address, port: port.port })),
    ...port.balancers.map((address) => ({ kind: 'balancer' as const, address, port: port.port })),
    ...(port.nodePort === 0 ? [] : [{ kind: 'node port' as const, address: machine.address, port: port.nodePort }]),
  ]
}

/** An address of the block for documentation (RFC 5737): in no cluster's ranges, and unused. */
const externalAddress = '203.0.113.7'

/** One packet of each kind of sender that rules distinguish. */
export function packetsTo(
  { kind, address, port: number }: Destination,
  port: ServicePort,
  usable: Usable,
  machine: ProxyMachine,
): Packet[] {
  const { protocol } = port
  const to = { destination: address, protocol, port: number }
  const own = port.endpoints.filter(({ node, ip }) => node === machine.name && inRange(ip, machine.podRange))
  const restricted = kind === 'balancer' && port.balancerSources.length > 0
  const packets: Packet[] = [
    ...[anyPodIn(machine.podRange), ...own.map(({ ip }) => ip)].map((source) => ({
      from: 'pod' as const,
      source,
      ...to,
    })),
    { from: 'machine', source: machine.address, ...to },
    ...[externalAddress, ...(restricted ? port.balancerSources.map(firstOf) : [])].map((source) => ({
      from: 'outside' as const,
      source,
      ...to,
    })),
  ]
  const unique = [...new Map(packets.map((packet) => [packetKey(packet), packet])).values()]
  return usable.anywhere || kind === 'cluster IP' || kind === 'node port'
    ? unique
    : unique.filter(({ from, source }) => isSpecified(from, source, restricted))
}

/**
 * The fate of a packet to an unused address without endpoints is defined only for admitted external senders; the two
 * modes of kube-proxy differ for the others.
 */
function isSpecified(from: Packet['from'], source: string, restricted: boolean): boolean {
  return from === 'outside' && (!restricted || source !== externalAddress)
}

/** An address in the range that no pod gets: the network's own. */
export function anyPodIn(podRange: string): string {
  return firstOf(podRange)
}

function firstOf(range: string): string {
  return range.split('/')[0] ?? range
}
