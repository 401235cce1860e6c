import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { kernelName } from '../engine/agent-fault.ts'
import { type Share, multiAgentFault } from '../engine/multi-agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { type Cut, type Cuts, cutsOf } from './cut.ts'
import { oneWay } from './grudges.ts'
import {
  type Link,
  type Traffic,
  byEnd,
  sendTestPackets,
  linksOf,
  rulesOf,
  trafficOptions,
  withoutWay,
} from './links.ts'

const kubeletPort = 10_250
const etcdPorts = { peers: 2380, clients: 2379 } as const

/**
 * Half-open connections: drops packets from `from` on established TCP connections to a port of `to`. A new connection looks
 * open to the client, while the server waits for the end of the handshake. Packets from `to` arrive. Without a listener on the
 * port the fault is unproven.
 */
export const halfOpen = defineFault({
  name: 'half-open',
  describe: 'Drops packets to a port of the first machine on TCP connections that the other machines have established',
  hits: 'group',
  evidence: {
    confirmed: 'the rules of each pair have matched packets of a test connection',
    cleared: 'the tables are gone',
  },
  lacking: () => Promise.resolve(kernelLacks(['nf_tables'])),
  options: z.object({
    port: z.int().min(1).max(65_535).optional().describe("the server's port; the kubelet's or etcd's if omitted"),
    network: trafficOptions.network,
  }),
  create: (target: Cuts, options) =>
    halfOpenFault(
      cutsOf(target, ([to, ...from]) => (to ? oneWay(from, [to]) : [])),
      options,
    ),
})

function halfOpenFault(cuts: readonly Cut[], options: Pick<Traffic, 'network' | 'port'>): FaultBody {
  const links = linksOf(cuts, options)
  const trafficTo = (machine: Machine) =>
    ({ protocol: 'tcp', port: options.port ?? (machine.node ? kubeletPort : etcdPorts[etcdNetwork]) }) as const
  const etcdNetwork = links[0]?.network === 'peers' ? 'peers' : 'clients'
  const shares = [...byEnd(links, 'to')].map(([machine, own]): Share => ({
    machine,
    action: (id) => ({
      do: 'cut',
      params: {
        table: kernelName(id),
        place: 'tracked',
        rules: rulesOf(own, trafficTo(machine), { established: true, destination: true }),
        fate: { do: 'drop' },
      },
    }),
  }))
  return multiAgentFault({
    target: { machines: shares.map(({ machine }) => machine.name) },
    claims: links.map(({ label, network }) => `${network}/${label}`),
    shares,
    needed: cuts.flatMap(({ from, to }) => [from, to]),
    available: () => withoutWay(links),
    provoke: () => Promise.all(links.map(async (link) => sendTestPackets(await toServers(link), trafficTo(link.to)))),
    by: ({ met, labels }) => met === labels,
    confirmed: (machine) => `packets of open connections to ${machine.name} are dropped`,
    cleared: (machine) => `the rules on ${machine.name} are gone`,
  })
}

/** On the pod network the test connection needs the address of a pod: no server listens on the machine's bridge address. */
async function toServers(link: Link): Promise<Link[]> {
  if (link.network !== 'pods') return [link]
  const { containers } = await link.to.call('containers', {})
  const pods = new Set(containers.flatMap(({ address }) => address ?? []))
  return [...pods].map((to) => ({ ...link, ends: { from: link.ends.from, to } }))
}
