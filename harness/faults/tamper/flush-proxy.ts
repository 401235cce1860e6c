import { z } from 'zod'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { lacksProxyRules } from './proxy-rules.ts'

/**
 * Removes kube-proxy's rules from a machine's kernel (iptables or nftables mode), as a firewall flush does. Reverting restores
 * missing rules; rules that kube-proxy has written meanwhile stay.
 */
export const flushProxy = defineFault({
  name: 'flush-proxy',
  describe: "Removes kube-proxy's rules from a machine's kernel (iptables or nftables mode)",
  hits: 'machine',
  evidence: {
    confirmed: 'no rule of kube-proxy is left',
    cleared: 'every saved rule exists again, restored by Holdfast or written by kube-proxy',
  },
  options: z.object({
    what: z
      .enum(['chains', 'tables'])
      .default('chains')
      .describe('`chains`: empty the chains; `tables`: delete them and the jumps to them'),
  }),
  create: (machine, { what }) =>
    agentFault({
      target: { machines: [machine.name], component: 'kube-proxy' },
      claims: [`${machine.name}/proxy-rules`],
      machine,
      action: (id) => ({ do: 'flush-proxy', params: { name: kernelName(id), what } }),
      available: () => lacksProxyRules(machine),
      confirmed: `${machine.name} has no rules of kube-proxy`,
      cleared: `${machine.name} has the rules of kube-proxy again`,
    }),
})
