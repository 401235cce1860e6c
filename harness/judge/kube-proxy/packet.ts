/** The first packet of a connection, as it enters a machine's kernel. */
export interface Packet {
  /** Sent by a pod, by a process of the machine itself, or from elsewhere. */
  readonly from: 'pod' | 'machine' | 'outside'
  readonly source: string
  readonly destination: string
  readonly protocol: Protocol
  readonly port: number
}

export type Protocol = 'tcp' | 'udp' | 'sctp'

/** The fate of a packet that reaches no endpoint. `untouched`: no rule of kube-proxy applies. */
export const refusals = ['reject', 'drop', 'untouched'] as const

/** One possible fate of a packet. */
export interface Outcome {
  /** An endpoint, `ip:port`, or one of `refusals`. */
  readonly to: string
  /** Its probability, from 0 to 1. */
  readonly share: number
  /** Whether the endpoint receives the machine's address instead of the sender's. */
  readonly masquerade: boolean
  /** How long a sender that was sent there is sent there again. */
  readonly stickySeconds?: number
}

/** All possible fates of a packet; the shares add up to 1. */
export type Fate = readonly Outcome[]

export function packetKey({ from, source, destination, protocol, port }: Packet): string {
  return `${from} ${source} ${destination} ${protocol} ${port}`
}

/** `a tcp packet from a pod (10.244.1.9) to 10.96.0.10:53` */
export function formatPacket({ from, source, destination, protocol, port }: Packet): string {
  const sender = { pod: 'a pod', machine: 'the machine itself', outside: 'outside' }[from]
  return `a ${protocol} packet from ${sender} (${source}) to ${destination}:${port}`
}
