/** The first packet of a connection, as it enters a machine's kernel. */
export interface Packet {
  /** A pod sends it, a process of the machine itself, or somebody who is neither. */
  readonly from: 'pod' | 'machine' | 'outside'
  readonly source: string
  readonly destination: string
  readonly protocol: Protocol
  readonly port: number
}

export type Protocol = 'tcp' | 'udp' | 'sctp'

/** What may become of a packet that goes to no endpoint. `untouched`: no rule of kube-proxy's says anything. */
export const refusals = ['reject', 'drop', 'untouched'] as const

/** One thing that may happen to a packet. */
export interface Outcome {
  /** An endpoint, `ip:port`, or one of `refusals`. */
  readonly to: string
  /** How likely it is, from 0 to 1. */
  readonly share: number
  /** The endpoint sees the machine's address instead of the sender's. */
  readonly masquerade: boolean
  /** A sender that was sent there goes there again for that long. */
  readonly stickySeconds?: number
}

/** Everything that may become of a packet; the shares add up to 1. */
export type Fate = readonly Outcome[]

export function packetKey({ from, source, destination, protocol, port }: Packet): string {
  return `${from} ${source} ${destination} ${protocol} ${port}`
}

/** `a tcp packet from a pod (10.244.1.9) to 10.96.0.10:53` */
export function packetWords({ from, source, destination, protocol, port }: Packet): string {
  const sender = { pod: 'a pod', machine: 'the machine itself', outside: 'outside' }[from]
  return `a ${protocol} packet from ${sender} (${source}) to ${destination}:${port}`
}
