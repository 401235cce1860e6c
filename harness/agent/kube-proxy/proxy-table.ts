import type { ServicePort } from './proxy-rules.ts'

/* Parses kube-proxy's own nftables table from `nft -s list table`: a chain's rules have two tabs before them. */

/** Rules by chain, in order, without the chain's declaration. */
function chainsOf(listing: string): Map<string, string[]> {
  const chains = new Map<string, string[]>()
  let rules: string[] | undefined
  for (const line of listing.split('\n')) {
    const chain = /^\tchain (\S+) \{$/.exec(line)?.[1]
    if (chain !== undefined) chains.set(chain, (rules = []))
    else if (line === '\t}') rules = undefined
    else if (rules && line !== '' && !/^\t\t(type |comment ")/.test(line)) rules.push(line.trim())
  }
  return chains
}

export function tableRules(listing: string): number {
  return [...chainsOf(listing).values()].reduce((sum, rules) => sum + rules.length, 0)
}

/**
 * Returns the script that restores what is missing: the whole table when it is gone, otherwise the rules of chains that
 * have none. kube-proxy itself has removed a chain that is missing from an existing table, and has written one that has
 * rules again.
 */
export function tableRestoration(saved: string, current: string | undefined): string {
  if (current === undefined) return saved
  const now = chainsOf(current)
  const lacking = [...chainsOf(saved)].filter(([chain, rules]) => rules.length > 0 && now.get(chain)?.length === 0)
  if (lacking.length === 0) return ''
  const blocks = lacking.map(([chain, rules]) => `\tchain ${chain} {\n\t\t${rules.join('\n\t\t')}\n\t}`)
  return `table ip kube-proxy {\n${blocks.join('\n')}\n}\n`
}

/** Returns the map's element for a Service's packets; undefined when it is missing. */
export function serviceElement(listing: string, { address, protocol, port }: ServicePort): string | undefined {
  const key = `${address.replaceAll('.', '\\.')} \\. ${protocol} \\. ${port}`
  return new RegExp(`[{,\\s]${key}(?: comment "[^"]*")? : (goto [^\\s,}]+)`).exec(listing)?.[1]
}

export const elementKey = ({ address, protocol, port }: ServicePort): string => `${address} . ${protocol} . ${port}`
