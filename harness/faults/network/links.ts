import { z } from 'zod'
import type { PacketRule } from '../../agent/kernel/packet-rules.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { HoldfastError } from '../../common/errors.ts'
import type { Pair } from './grudges.ts'
import { outputOf } from '../engine/machine-output.ts'

/** Options that select the packets of a pair of machines that a fault affects. */
export const trafficOptions = {
  /** The etcd peer network, the machines' addresses on the cluster network, or their pods. */
  network: z
    .enum(['peers', 'cluster', 'pods'])
    .optional()
    .describe('`peers` of etcd, `cluster` or `pods`; default: `peers` between etcd members, else `cluster`'),
  protocol: z.enum(['tcp', 'udp']).optional().describe('only this protocol'),
  port: z.int().min(1).max(65_535).optional().describe('only packets with this port at either end'),
} as const

export type Traffic = z.output<z.ZodObject<typeof trafficOptions>>
export type Network = NonNullable<Traffic['network']>

/** A direction between two machines, with the addresses of its packets. */
export interface Link extends Pair<Machine> {
  readonly label: string
  readonly network: Network
  /** An address or a range on each side. */
  readonly addresses: Pair<string>
  /** An address of the machine itself on each side; the bridge's for a pod range. */
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
      hint: 'Choose another network: `peers` has only etcd members, `pods` only Nodes, `cluster` all machines.',
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

/** Groups links by the machine at one end, in their order. */
export function byEnd(links: readonly Link[], end: 'from' | 'to'): Map<Machine, Link[]> {
  const grouped = new Map<Machine, Link[]>()
  for (const link of links) grouped.set(link[end], [...(grouped.get(link[end]) ?? []), link])
  return grouped
}

/** The discard port, without a listener: test packets only have to pass the rules. */
const discard = 9

/** Sends test packets along each link, of the kind that the fault affects. */
export async function sendTestPackets(
  links: readonly Link[],
  { protocol, port }: Traffic,
  size: { readonly times: number; readonly bytes: number } = { times: 1, bytes: 0 },
): Promise<void> {
  await Promise.all(
    links.map(({ from, ends }) =>
      from.call('sendTestPackets', { ...ends, protocol: protocol ?? 'udp', port: port ?? discard, ...size }),
    ),
  )
}

function firstAddress(address: string): string {
  return address.replace(/\.0\/\d+$/, '.1')
}

/**
 * Why test packets can't be sent along some link, or undefined: a machine without pods has no bridge, and no address in its
 * pod range.
 */
export async function withoutWay(links: readonly Link[]): Promise<string | undefined> {
  const senders = [...byEnd(links, 'from')].filter(([, [first]]) => first?.network === 'pods')
  const whys = await Promise.all(
    senders.map(async ([machine, [first]]) => {
      const stdout = await outputOf(machine, ['ip', '-o', 'address', 'show', 'to', first?.ends.from ?? ''])
      return stdout.trim() === '' ? `${machine.name} runs no pod and has no pod network` : undefined
    }),
  )
  return whys.find((why) => why !== undefined)
}
