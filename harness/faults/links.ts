import type { PacketRule } from '../cluster/agent/packet-rules.ts'
import type { KnockSpec } from '../cluster/agent/protocol.ts'
import type { Machine } from '../cluster/machine.ts'
import type { Pair } from './grudges.ts'

/**
 * Which packets between two machines: those on the network of etcd's members among themselves, those between the machines'
 * own addresses on the network that all share, or those of the pods that they run.
 */
export type Network = 'peers' | 'cluster' | 'pods'

/** Which packets of a pair a fault is about. */
export interface Traffic {
  /** `peers`, if all machines are etcd members; else `cluster`. */
  readonly network?: Network
  /** All protocols, unless one is named. */
  readonly protocol?: 'tcp' | 'udp'
  /** Packets that have this port at either end. */
  readonly port?: number
}

/** A direction between two machines, as the addresses that its packets have. */
export interface Link extends Pair<Machine> {
  readonly label: string
  readonly network: Network
  readonly addresses: Pair<string>
}

/** @throws when a machine has no address on the network: an etcd machine has no pods, a worker no peers */
export function linksOf(pairs: readonly Pair<Machine>[], { network }: Traffic): Link[] {
  const members = pairs.every(({ from, to }) => from.spec.peerAddress && to.spec.peerAddress)
  const chosen = network ?? (members ? 'peers' : 'cluster')
  return pairs.map(({ from, to }) => ({
    from,
    to,
    label: `${from.name}>${to.name}`,
    network: chosen,
    addresses: { from: addressOf(from, chosen), to: addressOf(to, chosen) },
  }))
}

function addressOf({ name, spec }: Machine, network: Network): string {
  const address = { peers: spec.peerAddress, cluster: spec.address, pods: spec.podRange }[network]
  if (address === undefined) throw new Error(`${name} has no address on the network ${network}`)
  return address
}

export function rulesOf(
  links: readonly Link[],
  { protocol, port }: Traffic,
  extra: Partial<PacketRule> = {},
): PacketRule[] {
  return links.map(({ label, addresses }) => ({
    label,
    ...addresses,
    ...(protocol ? { protocol } : {}),
    ...(port === undefined ? {} : { port }),
    ...extra,
  }))
}

/** Links by the machine at one of their ends, in the order in which they came. */
export function byEnd(links: readonly Link[], end: 'from' | 'to'): Map<Machine, Link[]> {
  const grouped = new Map<Machine, Link[]>()
  for (const link of links) grouped.set(link[end], [...(grouped.get(link[end]) ?? []), link])
  return grouped
}

/** A port that nobody listens on, for packets that are only to be seen going by. */
const discard = 9

/** Sends a few packets along each link, of the kind that a fault is about. */
export async function knock(
  links: readonly Link[],
  { protocol, port }: Traffic,
  size: { readonly times: number; readonly bytes: number } = { times: 1, bytes: 1 },
): Promise<void> {
  await Promise.all(
    links.map(({ from, addresses }) => {
      const own = firstAddress(addresses.from)
      const spec: KnockSpec = {
        from: own,
        to: firstAddress(addresses.to),
        protocol: protocol ?? 'udp',
        port: port ?? discard,
        ...size,
      }
      return from.call('knock', spec)
    }),
  )
}

/** Of a range of pods, the address that the machine itself has in it: its bridge's. */
function firstAddress(address: string): string {
  return address.replace(/\.0\/\d+$/, '.1')
}
