import { z } from 'zod'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { lacksService } from './proxy-rules.ts'

/**
 * Deletes kube-proxy's rule that dispatches a Service port, on one machine. Reverting restores the rule in its place, unless
 * kube-proxy has.
 */
export const deleteRule = defineFault({
  name: 'delete-rule',
  describe: "Deletes kube-proxy's rule for one Service port on one machine",
  hits: 'machine',
  evidence: {
    confirmed: 'kube-proxy has no rule for the port',
    cleared: 'the rule exists again, or the Service is gone',
  },
  options: z.object({
    address: z.ipv4().describe("the Service's cluster address"),
    protocol: z.enum(['tcp', 'udp']).default('tcp').describe('the protocol of the port'),
    port: z.int().min(1).max(65_535).describe("the Service's port"),
  }),
  create: (machine, service) =>
    agentFault({
      target: { machines: [machine.name], component: 'kube-proxy' },
      claims: [`${machine.name}/proxy-rules/${service.address} ${service.protocol} ${service.port}`],
      machine,
      action: (id) => ({ do: 'delete-rule', params: { name: kernelName(id), service } }),
      available: () => lacksService(machine, service),
      confirmed: `kube-proxy on ${machine.name} has no rule for ${service.address}:${service.port}/${service.protocol}`,
      cleared: 'the rule exists again, or its Service is gone',
    }),
})
