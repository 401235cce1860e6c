import { z } from 'zod'
import type { PacketRule } from '../cluster/agent/packet-rules.ts'
import type { Machine } from '../cluster/machine.ts'
import { HoldfastError } from '../errors.ts'
import type { Pair } from './grudges.ts'
import { printed } from './look-in.ts'

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

/** The same as people type it. */
export const trafficOptions = {
  network: z
    .enum(['peers', 'cluster', 'pods'])
    .optional()
    .describe("etcd's own network, the machines', or their pods'"),
  protocol: z.enum(['tcp', 'udp']).optional().describe('only this protocol'),
  port: z.int().min(1).max(65_535).optional().describe('only packets with this port at either end'),
} as const

/** A direction between two machines, as the addresses that its packets have. */
export interface Link extends Pair<Machine> {
  readonly label: string
  readonly network: Network
  /** An address or a range for each. */
  readonly addresses: Pair<string>
  /** An address that the machine itself has at each end; of a range of pods its bridge's. */
  readonly ends: Pair<string>
}

/** @throws HoldfastError HF_FAULT_UNAVAILABLE when a machine has no address on the network: an etcd machine has no pods */
export function linksOf(pairs: readonly Pair<Machine>[], { network }: Traffic): Link[] {
  const members = pairs.every(({ from, to }) => from.spec.peerAddress && to.spec.peerAddress)
  const chosen = network ?? (members ? 'peers' : 'cluster')
  return pairs.map(({ from, to }) => {
    const addresses = { from: addressOf(from, chosen), to: addressOf(to, chosen) }
    const ends = { from: firstAddress(addresses.from), to: firstAddress(addresses.to) }
    return { from, to, label: `${from.name}>${to.name}`, network: chosen, addresses, ends }
  })
}

function addressOf({ name, spec }: Machine, network: Network): string {
  const address = { peers: spec.peerAddress, cluster: spec.address, pods: spec.podRange }[network]
  if (address === undefined) {
    throw new HoldfastError('HF_FAULT_UNAVAILABLE', `${name} has no address on the network ${network}.`, {
      hint: 'Only etcd members are on `peers`, and only Nodes have pods; all machines are on `cluster`.',
    })
  }
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
  size: { readonly times: number; readonly bytes: number } = { times: 1, bytes: 0 },
): Promise<void> {
  await Promise.all(
    links.map(({ from, ends }) =>
      from.call('knock', { ...ends, protocol: protocol ?? 'udp', port: port ?? discard, ...size }),
    ),
  )
}

function firstAddress(address: string): string {
  return address.replace(/\.0\/\d+$/, '.1')
}

/**
 * Why packets can't be sent along some link on purpose, or undefined: a machine that runs no pod has no address among those
 * of its pods, and no bridge for them.
 */
export async function withoutWay(links: readonly Link[]): Promise<string | undefined> {
  const senders = [...byEnd(links, 'from')].filter(([, [first]]) => first?.network === 'pods')
  const whys = await Promise.all(
    senders.map(async ([machine, [first]]) => {
      const stdout = await printed(machine, ['ip', '-o', 'address', 'show', 'to', first?.ends.from ?? ''])
      return stdout.trim() === '' ? `${machine.name} runs no pod, and has no network for any` : undefined
    }),
  )
  return whys.find((why) => why !== undefined)
}
