import type { Machine } from '../../cluster/machine/machine.ts'
import { commandSucceeds } from '../engine/machine-output.ts'

/* Shared by faults of kube-proxy's rules: whether a machine has them. */

/** All tables: a Service without endpoints has its REJECT in another one. Legacy only if loaded: reading creates its tables. */
const eitherKind = 'iptables-nft-save; grep -q nat /proc/net/ip_tables_names 2>/dev/null && iptables-legacy-save'

/** Why kube-proxy on the machine has no rule for a Service's port, or undefined. */
export async function lacksService(
  machine: Machine,
  { address, port }: { readonly address: string; readonly port: number },
): Promise<string | undefined> {
  const why = await lacksProxyRules(machine)
  if (why !== undefined) return why
  const pattern = `${address}.*${port}`
  const known = await commandSucceeds(
    machine,
    `{ ${eitherKind}; nft list ruleset; } 2>/dev/null | grep -q -e '${pattern}'`,
  )
  return known ? undefined : `kube-proxy on ${machine.name} has no rule for ${address}:${port}`
}

/** Why a machine has no rules of kube-proxy, or undefined. */
export async function lacksProxyRules(machine: Machine): Promise<string | undefined> {
  const has = `nft list table ip kube-proxy >/dev/null 2>&1 || { ${eitherKind}; } | grep -q '^-A KUBE-SERVICES'`
  return (await commandSucceeds(machine, has)) ? undefined : `${machine.name} has no rules of kube-proxy`
}
