/**
 * Source ports for fresh connections, one after the other. The kernel likes to hand out a port that was used a moment ago,
 * and a connection that reuses one is sent where the last one went for as long as conntrack remembers that (two minutes,
 * for one that was never answered): then kube-proxy's choice is not seen, only its past. These ports lie below the
 * kernel's own range and below the node ports, so nobody else takes them, and none comes again for twenty thousand uses.
 */
const first = 10_000
const count = 20_000

export class FreshPorts {
  #next = Math.floor(Math.random() * count)

  take(): number {
    this.#next = (this.#next + 1) % count
    return first + this.#next
  }
}
