import { type IptablesChains, iptablesChains } from '../../common/iptables-chains.ts'

/*
 * Parses kube-proxy's state in a kernel from `iptables-save` and `nft list table`, and makes the scripts that remove it and
 * restore what is missing. Only its own chains and the jumps to them change; those of the kubelet, flannel and the engine
 * stay.
 */

/** The kubelet's own chains. */
const kubelets = ['KUBE-FIREWALL', 'KUBE-KUBELET-CANARY', 'KUBE-IPTABLES-HINT']
const isProxys = (chain: string): boolean => chain.startsWith('KUBE-') && !kubelets.includes(chain)
const target = (rule: string): string => / -j (\S+)/.exec(rule)?.[1] ?? ''

/** Counts kube-proxy's rules. */
export function proxyRules(saved: string): number {
  return [...iptablesChains(saved).values()].reduce(
    (sum, chains) => sum + [...chains].reduce((own, [chain, rules]) => own + (isProxys(chain) ? rules.length : 0), 0),
    0,
  )
}

/** For `iptables-restore --noflush`: empties kube-proxy's chains, or removes them with every jump to them. */
export function flushScript(saved: string, what: 'chains' | 'tables'): string {
  return script(iptablesChains(saved), (chains) => {
    const own = [...chains.keys()].filter(isProxys)
    const flushed = own.map((chain) => `-F ${chain}`)
    if (what === 'chains') return flushed
    return [...jumps(chains).map(({ rule }) => deletion(rule)), ...flushed, ...own.map((chain) => `-X ${chain}`)]
  })
}

/**
 * For `iptables-restore --noflush`: restores what is missing. kube-proxy has since written a chain that has rules again;
 * those are newer, and stay.
 */
export function restoration(saved: string, current: string): string {
  const now = iptablesChains(current)
  return script(iptablesChains(saved), (chains, table) => {
    const there = now.get(table) ?? new Map<string, readonly string[]>()
    const empty = [...chains].filter(([chain]) => isProxys(chain) && (there.get(chain) ?? []).length === 0)
    const lacking = empty.filter(([chain, rules]) => rules.length > 0 || !there.has(chain))
    const known = jumps(there).map(({ rule }) => rule)
    return [
      ...lacking.map(([chain]) => `:${chain} - [0:0]`),
      ...lacking.flatMap(([, rules]) => rules),
      ...jumps(chains)
        .filter(({ rule }) => !known.includes(rule))
        .map(({ rule, at }) => insertion(rule, at)),
    ]
  })
}

/** Jumps to kube-proxy's chains from other chains, and their positions there. */
function jumps(chains: ReadonlyMap<string, readonly string[]>): { readonly rule: string; readonly at: number }[] {
  return [...chains].flatMap(([chain, rules]) =>
    isProxys(chain) ? [] : rules.flatMap((rule, index) => (isProxys(target(rule)) ? [{ rule, at: index + 1 }] : [])),
  )
}

function script(
  tables: IptablesChains,
  lines: (chains: ReadonlyMap<string, readonly string[]>, table: string) => readonly string[],
): string {
  return [...tables]
    .map(([table, chains]) => [table, lines(chains, table)] as const)
    .filter(([, own]) => own.length > 0)
    .map(([table, own]) => `*${table}\n${own.join('\n')}\nCOMMIT\n`)
    .join('')
}

export const deletion = (rule: string): string => rule.replace(/^-A /, '-D ')
export const insertion = (rule: string, at: number): string => rule.replace(/^-A (\S+)/, `-I $1 ${at}`)

export interface ServicePort {
  readonly address: string
  readonly protocol: 'tcp' | 'udp'
  readonly port: number
}

/** Returns the one rule that sends a Service's packets to its chain, and its position in its own chain. */
export function serviceRule(
  saved: string,
  { address, protocol, port }: ServicePort,
): { readonly rule: string; readonly at: number } | undefined {
  const rules = iptablesChains(saved).get('nat')?.get('KUBE-SERVICES') ?? []
  const parts = [` -d ${address}/32 `, ` -p ${protocol} `, ` --dport ${port} `]
  const at = rules.findIndex(
    (rule) => target(rule).startsWith('KUBE-SVC-') && parts.every((word) => rule.includes(word)),
  )
  const rule = rules[at]
  return rule === undefined ? undefined : { rule, at: at + 1 }
}
