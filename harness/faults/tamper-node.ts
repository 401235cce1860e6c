import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { agentFault, kernelName } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { kernelLacks } from './kernel-means.ts'
import { holds } from './look-in.ts'
import { lacksService } from './tamper-proxy.ts'

const cniFolder = '/etc/cni/net.d'

/**
 * Takes away the pod network's configuration: pods that run stay connected, the container runtime can start no new one, and
 * the Node says that its network is not ready. It has bitten when the folder is empty, and ended when it is not; a
 * configuration that somebody has written since stays.
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
        : `${machine.name} has nothing in ${cniFolder}`,
    bit: `${machine.name} has no pod network configuration`,
    ended: `${machine.name} has its pod network configuration again`,
  })
}

/**
 * Deletes a machine's routes to the pods of others. It has bitten when they are gone. flanneld looks after its routes every
 * ten seconds and puts them back: freeze it as well to be without them for longer. Ended when all of them are there.
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
      return has !== '' && (await holds(machine, has)) ? undefined : `${machine.name} has no routes to pods of others`
    },
    bit: `${machine.name} has no route to the pods of others`,
    ended: `${machine.name} has its routes to the pods of others`,
  })
}

export interface StaleFlow {
  /** The client's address and its port: a UDP socket that keeps sending from there. */
  readonly client: { readonly address: string; readonly port: number }
  /** The Service's address and port. */
  readonly service: { readonly address: string; readonly port: number }
  /** An endpoint that is none. */
  readonly endpoint: { readonly address: string; readonly port: number }
}

/** Longer than a fault lasts. */
const rememberedSeconds = 3_600

/**
 * Makes a machine's connection tracking remember that a UDP flow goes to an endpoint that is none, as after one that went
 * unnoticed. It has bitten when the entry is there; it has ended when it is not: taken away by us, or by kube-proxy, which
 * looks after such entries when it writes its rules.
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
        : `${machine.name} tracks no connections`,
    bit: `${machine.name} remembers that ${flow.client.address}:${flow.client.port} goes to ${flow.endpoint.address}`,
    ended: `${machine.name} does not remember it any more`,
  })
}

export const removeCniKind = faultKind({
  name: 'remove-cni',
  group: 'tamper',
  describe: "Takes away a machine's pod network configuration: no new pod starts there",
  hits: 'machine',
  evidence: { bit: 'the folder of configurations is empty', ended: 'what was in it is there again' },
  options: z.object({}),
  make: (machine) => removeCni(machine),
})

export const deleteRoutesKind = faultKind({
  name: 'delete-routes',
  group: 'tamper',
  describe: "Deletes a machine's routes to the pods of others; flanneld puts them back within ten seconds",
  hits: 'machine',
  evidence: { bit: 'the routes are gone', ended: 'all of them are there' },
  options: z.object({}),
  make: (machine, _, { cluster }) => deleteRoutes(cluster, machine),
})

const port = (whose: string) => z.int().min(1).max(65_535).describe(whose)

export const staleConntrackKind = faultKind({
  name: 'stale-conntrack',
  group: 'tamper',
  describe: 'Makes connection tracking remember that a UDP flow to a Service goes to an endpoint that is none',
  hits: 'machine',
  evidence: { bit: 'the entry is there', ended: 'it is not' },
  lacking: () => Promise.resolve(kernelLacks(['connection tracking by netlink'])),
  options: z.object({
    client: z.ipv4().describe("the client's address"),
    clientPort: port('the port that it sends from'),
    service: z.ipv4().describe("the Service's cluster address"),
    servicePort: port("the Service's port"),
    endpoint: z.ipv4().describe('an address where nobody is'),
    endpointPort: port('the port there'),
  }),
  make: (machine, { client, clientPort, service, servicePort, endpoint, endpointPort }) =>
    staleConntrack(machine, {
      client: { address: client, port: clientPort },
      service: { address: service, port: servicePort },
      endpoint: { address: endpoint, port: endpointPort },
    }),
})
