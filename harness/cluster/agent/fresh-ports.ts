/**
 * Source ports for fresh connections, one after the other. The kernel likes to hand out a port that was used a moment ago,
 * and a connection that reuses one is sent where the last one went for as long as conntrack remembers that (two minutes,
 * for one that was never answered): then kube-proxy's choice is not seen, only its past. These ports lie below the
 * kernel's own range and below the node ports and above those of the components, so hardly anybody else takes one, and none comes again for
 * eighteen thousand uses.
 */
const first = 12_000
const count = 18_000

/** Where source ports come from. */
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
 * The ports of everybody here who goes to one place, as what conntrack remembers is of a port and a place. At 150 uses a second they
 * come again after two minutes, when all of them are forgotten.
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
