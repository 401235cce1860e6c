/**
 * Source ports for fresh connections, in sequence. The kernel tends to reuse a recent port, and conntrack sends a reused
 * port where the last connection went (for two minutes, if that was never answered): kube-proxy's current choice is then
 * not visible.
 * The ports lie below the kernel's own range and the node ports and above those of the components, so that collisions are
 * rare. None repeats for eighteen thousand uses.
 */
const first = 12_000
const count = 18_000

/** A source of source ports. */
export interface Ports {
  take(): number
}

export class FreshPorts implements Ports {
  #next = Math.floor(Math.random() * count)

  take(): number {
    this.#next = (this.#next + 1) % count
    return first + this.#next
  }
}

const known = new Map<string, FreshPorts>()

/**
 * Returns the ports that everything in this process shares for one place, because conntrack entries are of a port and a
 * place. At 150 uses a second they repeat after two minutes, when all their entries have expired.
 */
export function freshPortsTo({ protocol, address, port }: Place): FreshPorts {
  const place = `${protocol} ${address}:${port}`
  const ports = known.get(place) ?? new FreshPorts()
  known.set(place, ports)
  return ports
}

interface Place {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
}
