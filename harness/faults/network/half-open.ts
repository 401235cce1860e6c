import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { type Share, agentsFault } from '../engine/agents-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { oneWay } from './grudges.ts'
import { type Link, type Network, byEnd, knock, linksOf, rulesOf, trafficOptions, withoutWay } from './links.ts'
import type { Cut } from './partition.ts'

export interface HalfOpenOptions {
  /** The server's TCP port. Default: the kubelet's on a Node, etcd's on an etcd machine. */
  readonly port?: number
  readonly network?: Network
}

/**
 * Half-open connections: drops packets from `from` on established TCP connections to a port of `to`. A new connection looks
 * open to the client, while the server waits for the end of the handshake. Packets from `to` arrive.
 *
 * Effect confirmed when the rules have matched packets of a test connection; cleared when the tables are gone. Without a
 * listener on the port the fault is unproven.
 */
export function halfOpen(cuts: readonly Cut[], options: HalfOpenOptions = {}): Fault {
  const links = linksOf(cuts, options)
  const trafficTo = (machine: Machine) =>
    ({ protocol: 'tcp', port: options.port ?? (machine.node ? kubeletPort : etcdPorts[etcdNetwork]) }) as const
  const etcdNetwork = links[0]?.network === 'peers' ? 'peers' : 'clients'
  const shares = [...byEnd(links, 'to')].map(([machine, own]): Share => ({
    machine,
    action: (lease) => ({
      do: 'cut',
      params: {
        table: kernelName(lease),
        place: 'tracked',
        rules: rulesOf(own, trafficTo(machine), { established: true, destination: true }),
        fate: { do: 'drop' },
      },
    }),
  }))
  return agentsFault({
    name: 'half-open',
    target: { machines: shares.map(({ machine }) => machine.name) },
    claims: links.map(({ label, network }) => `${network}/${label}`),
    shares,
    needed: cuts.flatMap(({ from, to }) => [from, to]),
    available: () => withoutWay(links),
    provoke: () => Promise.all(links.map(async (link) => knock(await toServers(link), trafficTo(link.to)))),
    by: ({ met, labels }) => met === labels,
    bit: (machine) => `packets of open connections to ${machine.name} are dropped`,
    ended: (machine) => `the rules on ${machine.name} are gone`,
  })
}

/** On the pod network the test connection needs the address of a pod: no server listens on the machine's bridge address. */
async function toServers(link: Link): Promise<Link[]> {
  if (link.network !== 'pods') return [link]
  const { containers } = await link.to.call('containers', {})
  const pods = new Set(containers.flatMap(({ address }) => address ?? []))
  return [...pods].map((to) => ({ ...link, ends: { from: link.ends.from, to } }))
}

const kubeletPort = 10_250
const etcdPorts = { peers: 2380, clients: 2379 } as const

export const halfOpenKind = faultKind({
  name: 'half-open',
  group: 'network',
  describe: 'Drops packets to a port of the first machine on TCP connections that the other machines have established',
  hits: 'group',
  evidence: { bit: 'the rules of each pair have matched packets of a test connection', ended: 'the tables are gone' },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({
    port: z.int().min(1).max(65_535).optional().describe("the server's port; the kubelet's or etcd's if omitted"),
    network: trafficOptions.network,
  }),
  make: ([to, ...from], { port, network }) =>
    halfOpen(to ? oneWay(from, [to]) : [], {
      ...(port === undefined ? {} : { port }),
      ...(network ? { network } : {}),
    }),
})
