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
