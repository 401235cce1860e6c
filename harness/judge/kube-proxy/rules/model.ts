import { inRange } from '../address-range.ts'
import { type Destination, destinationsOf, packetsTo } from '../destinations.ts'
import type { Fate, Packet } from '../packet.ts'
import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress } from '../service-port.ts'
import { type Usable, usableEndpoints } from '../usable-endpoints.ts'

/** What one machine has to do with one packet, and the Service port that requires it. */
export interface Expectation {
  readonly port: ServicePort
  readonly packet: Packet
  readonly fate: Fate
}

/**
 * The requirements of Services and their endpoints for one machine: the fate of a packet to each of their addresses,
 * from a pod, from the machine itself, from elsewhere, and from each endpoint on the machine.
 */
export function expectations(ports: readonly ServicePort[], machine: ProxyMachine): Expectation[] {
  return ports.flatMap((port) => {
    const usable = usableEndpoints(port, machine)
    return destinationsOf(port, machine).flatMap((destination) =>
      packetsTo(destination, port, usable, machine).map((packet) => ({
        port,
        packet,
        fate: fateOf(packet, destination, port, usable, machine),
      })),
    )
  })
}

function fateOf(packet: Packet, { kind }: Destination, port: ServicePort, usable: Usable, machine: ProxyMachine): Fate {
  if (!usable.anywhere) return [refusal('reject')]
  if (kind === 'balancer' && !admitted(packet, port, machine)) return [refusal('drop')]
  const fromPod = inRange(packet.source, machine.podRange)
  if (kind === 'cluster IP') {
    // The answer to a packet from elsewhere has to return through this machine, or its sender would not recognise it.
    return spread(port.internalLocal ? usable.local : usable.cluster, packet, port, !fromPod)
  }
  if (!port.externalLocal) return spread(usable.cluster, packet, port, true)
  // Pods and the machine itself are treated as if their packets had arrived through an external load balancer.
  if (fromPod) return spread(usable.cluster, packet, port, false)
  if (packet.from === 'machine') return spread(usable.cluster, packet, port, true)
  return spread(usable.local, packet, port, false)
}

function spread(among: readonly Endpoint[], packet: Packet, port: ServicePort, masquerade: boolean): Fate {
  if (among.length === 0) return [refusal('drop')]
  return among.map((endpoint) => ({
    to: endpointAddress(endpoint),
    share: 1 / among.length,
    // An endpoint that receives its own packet would answer itself directly.
    masquerade: masquerade || endpoint.ip === packet.source,
    ...(port.stickySeconds === undefined ? {} : { stickySeconds: port.stickySeconds }),
  }))
}

function refusal(to: 'reject' | 'drop'): Fate[number] {
  return { to, share: 1, masquerade: false }
}

function admitted({ source, destination }: Packet, { balancerSources }: ServicePort, machine: ProxyMachine): boolean {
  if (balancerSources.length === 0 || balancerSources.some((range) => inRange(source, range))) return true
  // A machine with the balancer's address reaches it with that address as sender.
  return source === destination && balancerSources.some((range) => inRange(machine.address, range))
}
