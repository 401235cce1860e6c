import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { holds } from '../engine/look-in.ts'
import { lacksService } from './proxy-rules.ts'

const cniFolder = '/etc/cni/net.d'

/**
 * Removes the CNI configuration: running pods stay connected, the container runtime can't start new ones, and the Node reports
 * that its network is not ready. Effect confirmed when the folder is empty, cleared when it is not. A configuration that
 * another program writes meanwhile stays.
 */
export function removeCni(machine: Machine): Fault {
  return agentFault({
    name: 'remove-cni',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/cni`],
    machine,
    action: (lease) => ({ do: 'remove-cni', params: { name: kernelName(lease), folder: cniFolder } }),
    available: async () =>
      (await holds(machine, `set -- ${cniFolder}/*; [ -e "$1" ]`))
        ? undefined
        : `${cniFolder} on ${machine.name} is empty`,
    bit: `${machine.name} has no CNI configuration`,
    ended: `${machine.name} has its CNI configuration again`,
  })
}

/**
 * Deletes a machine's routes to pods on other Nodes. Effect confirmed when they are gone, cleared when all exist. flanneld
 * restores its routes every ten seconds: freeze it too for a longer effect.
 */
export function deleteRoutes(cluster: Cluster, machine: Machine): Fault {
  const to = cluster.nodes
    .filter((node) => node !== machine)
    .flatMap(({ spec }) => (spec.podRange ? [spec.podRange] : []))
  return agentFault({
    name: 'delete-routes',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/routes`],
    machine,
    action: (lease) => ({ do: 'delete-routes', params: { name: kernelName(lease), to } }),
    available: async () => {
      const has = to.map((range) => `ip route show ${range} | grep -q .`).join(' || ')
      return has !== '' && (await holds(machine, has))
        ? undefined
        : `${machine.name} has no routes to pods on other Nodes`
    },
    bit: `${machine.name} has no route to pods on other Nodes`,
    ended: `${machine.name} has its routes to pods on other Nodes`,
  })
}

export interface StaleFlow {
  /** Address and port of the client: a UDP socket that keeps sending. */
  readonly client: { readonly address: string; readonly port: number }
  /** The Service's address and port. */
  readonly service: { readonly address: string; readonly port: number }
  /** An address without an endpoint. */
  readonly endpoint: { readonly address: string; readonly port: number }
}

/** Longer than a fault lasts. */
const rememberedSeconds = 3_600

/**
 * Adds a conntrack entry that sends a UDP flow to an endpoint that does not exist, as a missed endpoint removal leaves it. Effect
 * confirmed when the entry exists, cleared when it does not: Holdfast removes it, or kube-proxy when it writes its rules.
 */
export function staleConntrack(machine: Machine, flow: StaleFlow): Fault {
  return agentFault({
    name: 'stale-conntrack',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/conntrack/${flow.client.address} ${flow.client.port}`],
    machine,
    action: () => ({ do: 'stale-conntrack', params: { ...flow, forSeconds: rememberedSeconds } }),
    available: async () =>
      (await holds(machine, 'conntrack -C'))
        ? lacksService(machine, flow.service)
        : `${machine.name} has no connection tracking`,
    bit: `conntrack on ${machine.name} sends ${flow.client.address}:${flow.client.port} to ${flow.endpoint.address}`,
    ended: `${machine.name} does not have the conntrack entry`,
  })
}

export const removeCniKind = faultKind({
  name: 'remove-cni',
  group: 'tamper',
  describe: "Removes a machine's CNI configuration: no new pod starts there",
  hits: 'machine',
  evidence: { bit: 'the configuration folder is empty', ended: 'its files exist again' },
  options: z.object({}),
  make: (machine) => removeCni(machine),
})

export const deleteRoutesKind = faultKind({
  name: 'delete-routes',
  group: 'tamper',
  describe: "Deletes a machine's routes to pods on other Nodes; flanneld restores them within ten seconds",
  hits: 'machine',
  evidence: { bit: 'the routes are gone', ended: 'all routes exist again' },
  options: z.object({}),
  make: (machine, _, { cluster }) => deleteRoutes(cluster, machine),
})

const port = (whose: string) => z.int().min(1).max(65_535).describe(whose)

export const staleConntrackKind = faultKind({
  name: 'stale-conntrack',
  group: 'tamper',
  describe: 'Adds a conntrack entry that sends a UDP flow of a Service to an endpoint that does not exist',
  hits: 'machine',
  evidence: { bit: 'the entry exists', ended: 'the entry does not exist' },
  lacking: () => Promise.resolve(kernelLacks(['connection tracking by netlink'])),
  options: z.object({
    client: z.ipv4().describe("the client's address"),
    clientPort: port("the client's port"),
    service: z.ipv4().describe("the Service's cluster address"),
    servicePort: port("the Service's port"),
    endpoint: z.ipv4().describe('an address without a listener'),
    endpointPort: port('the port at that address'),
  }),
  make: (machine, { client, clientPort, service, servicePort, endpoint, endpointPort }) =>
    staleConntrack(machine, {
      client: { address: client, port: clientPort },
      service: { address: service, port: servicePort },
      endpoint: { address: endpoint, port: endpointPort },
    }),
})
