import { z } from 'zod'
import { agentFault } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { kernelLacks } from '../engine/kernel-means.ts'
import { commandSucceeds } from '../engine/machine-output.ts'
import { lacksService } from './proxy-rules.ts'

/** Longer than a fault lasts. */
const rememberedSeconds = 3_600

const port = (whose: string) => z.int().min(1).max(65_535).describe(whose)

/**
 * Adds a conntrack entry that sends a UDP flow to an endpoint that does not exist, as a missed endpoint removal leaves it. At
 * the end Holdfast removes it, or kube-proxy when it writes its rules.
 */
export const staleConntrack = defineFault({
  name: 'stale-conntrack',
  describe: 'Adds a conntrack entry that sends a UDP flow of a Service to an endpoint that does not exist',
  hits: 'machine',
  evidence: { confirmed: 'the entry exists', cleared: 'the entry does not exist' },
  lacking: () => Promise.resolve(kernelLacks(['connection tracking by netlink'])),
  options: z.object({
    client: z.ipv4().describe("the client's address"),
    clientPort: port("the client's port"),
    service: z.ipv4().describe("the Service's cluster address"),
    servicePort: port("the Service's port"),
    endpoint: z.ipv4().describe('an address without a listener'),
    endpointPort: port('the port at that address'),
  }),
  create: (machine, { client, clientPort, service, servicePort, endpoint, endpointPort }) => {
    const flow = {
      client: { address: client, port: clientPort },
      service: { address: service, port: servicePort },
      endpoint: { address: endpoint, port: endpointPort },
    }
    return agentFault({
      target: { machines: [machine.name] },
      claims: [`${machine.name}/conntrack/${client} ${clientPort}`],
      machine,
      action: () => ({ do: 'stale-conntrack', params: { ...flow, forSeconds: rememberedSeconds } }),
      available: async () =>
        (await commandSucceeds(machine, 'conntrack -C'))
          ? lacksService(machine, flow.service)
          : `${machine.name} has no connection tracking`,
      confirmed: `conntrack on ${machine.name} sends ${client}:${clientPort} to ${endpoint}`,
      cleared: `${machine.name} does not have the conntrack entry`,
    })
  },
})
