import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { agentFault, kernelName } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { faultKind } from '../engine/fault-kind.ts'
import { holds } from '../engine/look-in.ts'

/** A Service's port, by its cluster address. */
export interface ServiceAddress {
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

/**
 * Removes kube-proxy's rules from a machine's kernel (iptables or nftables mode), as a firewall flush does. Effect confirmed
 * when none of its rules is left. Reverting restores missing rules; rules that kube-proxy has written meanwhile stay.
 */
export function flushProxy(machine: Machine, options: { readonly what?: 'chains' | 'tables' } = {}): Fault {
  const { what = 'chains' } = options
  return agentFault({
    name: 'flush-proxy',
    target: { machines: [machine.name], component: 'kube-proxy' },
    claims: [`${machine.name}/proxy-rules`],
    machine,
    action: (lease) => ({ do: 'flush-proxy', params: { name: kernelName(lease), what } }),
    available: () => lacksProxyRules(machine),
    bit: `${machine.name} has no rules of kube-proxy`,
    ended: `${machine.name} has the rules of kube-proxy again`,
  })
}

/**
 * Deletes kube-proxy's rule that dispatches a Service port, on one machine. Effect confirmed when no rule has the port.
 * Reverting restores the rule in its place, unless kube-proxy has.
 */
export function deleteRule(machine: Machine, service: ServiceAddress): Fault {
  return agentFault({
    name: 'delete-rule',
    target: { machines: [machine.name], component: 'kube-proxy' },
    claims: [`${machine.name}/proxy-rules/${service.address} ${service.protocol} ${service.port}`],
    machine,
    action: (lease) => ({ do: 'delete-rule', params: { name: kernelName(lease), service } }),
    available: () => lacksService(machine, service),
    bit: `kube-proxy on ${machine.name} has no rule for ${service.address}:${service.port}/${service.protocol}`,
    ended: 'the rule exists again, or its Service is gone',
  })
}

/** All tables: a Service without endpoints has its REJECT in another one. Legacy only if loaded: reading creates its tables. */
const eitherKind = 'iptables-nft-save; grep -q nat /proc/net/ip_tables_names 2>/dev/null && iptables-legacy-save'

/** Why kube-proxy on the machine has no rule for a Service's port, or undefined. */
export async function lacksService(
  machine: Machine,
  { address, port }: Pick<ServiceAddress, 'address' | 'port'>,
): Promise<string | undefined> {
  const why = await lacksProxyRules(machine)
  if (why !== undefined) return why
  const words = `${address}.*${port}`
  const known = await holds(machine, `{ ${eitherKind}; nft list ruleset; } 2>/dev/null | grep -q -e '${words}'`)
  return known ? undefined : `kube-proxy on ${machine.name} has no rule for ${address}:${port}`
}

async function lacksProxyRules(machine: Machine): Promise<string | undefined> {
  const has = `nft list table ip kube-proxy >/dev/null 2>&1 || { ${eitherKind}; } | grep -q '^-A KUBE-SERVICES'`
  return (await holds(machine, has)) ? undefined : `${machine.name} has no rules of kube-proxy`
}

export const flushProxyKind = faultKind({
  name: 'flush-proxy',
  group: 'tamper',
  describe: "Removes kube-proxy's rules from a machine's kernel (iptables or nftables mode)",
  hits: 'machine',
  evidence: {
    bit: 'no rule of kube-proxy is left',
    ended: 'every saved rule exists again, restored by Holdfast or written by kube-proxy',
  },
  options: z.object({
    what: z
      .enum(['chains', 'tables'])
      .default('chains')
      .describe('`chains`: empty the chains; `tables`: delete them and the jumps to them'),
  }),
  make: (machine, options) => flushProxy(machine, options),
})

export const deleteRuleKind = faultKind({
  name: 'delete-rule',
  group: 'tamper',
  describe: "Deletes kube-proxy's rule for one Service port on one machine",
  hits: 'machine',
  evidence: { bit: 'kube-proxy has no rule for the port', ended: 'the rule exists again, or the Service is gone' },
  options: z.object({
    address: z.ipv4().describe("the Service's cluster address"),
    protocol: z.enum(['tcp', 'udp']).default('tcp').describe('the protocol of the port'),
    port: z.int().min(1).max(65_535).describe("the Service's port"),
  }),
  make: (machine, service) => deleteRule(machine, service),
})
