import { z } from 'zod'
import type { Machine } from '../cluster/machine.ts'
import { agentFault, kernelName } from './agent-fault.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { holds } from './look-in.ts'

/** A Service's port, by its cluster address. */
export interface ServiceAddress {
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

/**
 * Takes kube-proxy's rules out of a machine's kernel, in either of its modes, as somebody does who flushes the firewall. It
 * has bitten when no rule of its own is left. Healed by putting back what is missing then: kube-proxy may have written some
 * or all of it again by itself, and what it has written stays.
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
    bit: `no rule of kube-proxy's is left on ${machine.name}`,
    ended: `kube-proxy's rules are on ${machine.name} again`,
  })
}

/**
 * Deletes the one rule that sends a Service's packets anywhere, on one machine. It has bitten when kube-proxy's rules do not
 * know the Service's port any more; healed by putting the rule back in its place, unless kube-proxy has.
 */
export function deleteRule(machine: Machine, service: ServiceAddress): Fault {
  return agentFault({
    name: 'delete-rule',
    target: { machines: [machine.name], component: 'kube-proxy' },
    claims: [`${machine.name}/proxy-rules/${service.address} ${service.protocol} ${service.port}`],
    machine,
    action: (lease) => ({ do: 'delete-rule', params: { name: kernelName(lease), service } }),
    available: () => lacksService(machine, service),
    bit: `kube-proxy's rules on ${machine.name} do not know ${service.address}:${service.port}/${service.protocol}`,
    ended: `they know it again, unless its Service is gone`,
  })
}

/** All tables: a Service without endpoints is refused in another one. Legacy only where it is there already: looking alone makes its tables. */
const eitherKind = 'iptables-nft-save; grep -q nat /proc/net/ip_tables_names 2>/dev/null && iptables-legacy-save'

/** Why kube-proxy there has nothing to say about a Service's port, or undefined. */
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
  return (await holds(machine, has)) ? undefined : `there are no rules of kube-proxy's on ${machine.name}`
}

export const flushProxyKind = faultKind({
  name: 'flush-proxy',
  group: 'tamper',
  describe: "Takes kube-proxy's rules out of a machine's kernel, in either of its modes",
  hits: 'machine',
  evidence: {
    bit: "no rule of kube-proxy's is left",
    ended: 'nothing of what was kept is missing: put back, or written again by kube-proxy',
  },
  options: z.object({
    what: z.enum(['chains', 'tables']).default('chains').describe('empty chains, or none and no way into them'),
  }),
  make: (machine, options) => flushProxy(machine, options),
})

export const deleteRuleKind = faultKind({
  name: 'delete-rule',
  group: 'tamper',
  describe: "Deletes the one rule of kube-proxy's that knows a Service's port, on one machine",
  hits: 'machine',
  evidence: { bit: 'its rules do not know the port', ended: 'they know it again, or the Service is gone' },
  options: z.object({
    address: z.ipv4().describe("the Service's cluster address"),
    protocol: z.enum(['tcp', 'udp']).default('tcp').describe('the protocol of its port'),
    port: z.int().min(1).max(65_535).describe("the Service's port"),
  }),
  make: (machine, service) => deleteRule(machine, service),
})
