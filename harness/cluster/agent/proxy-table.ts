import type { ServicePort } from './proxy-rules.ts'

/* kube-proxy's own nftables table, read from what `nft -s list table` prints: a chain's rules stand two tabs deep. */

/** Rules by chain, in order; what only declares a chain is no rule. */
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
 * The script that puts back what was there and is not any more: the whole table where it is gone, else the rules of chains
 * that have none. A chain that is gone from a table that is there was taken away by kube-proxy, and one that has rules again
 * was written by it.
 */
export function tableRestoration(saved: string, current: string | undefined): string {
  if (current === undefined) return saved
  const now = chainsOf(current)
  const lacking = [...chainsOf(saved)].filter(([chain, rules]) => rules.length > 0 && now.get(chain)?.length === 0)
  if (lacking.length === 0) return ''
  const blocks = lacking.map(([chain, rules]) => `\tchain ${chain} {\n\t\t${rules.join('\n\t\t')}\n\t}`)
  return `table ip kube-proxy {\n${blocks.join('\n')}\n}\n`
}

/** Where a Service's packets go, as an element of the map has it; undefined when the map has none. */
export function serviceElement(listing: string, { address, protocol, port }: ServicePort): string | undefined {
  const key = `${address.replaceAll('.', '\\.')} \\. ${protocol} \\. ${port}`
  return new RegExp(`[{,\\s]${key}(?: comment "[^"]*")? : (goto [^\\s,}]+)`).exec(listing)?.[1]
}

export const elementKey = ({ address, protocol, port }: ServicePort): string => `${address} . ${protocol} . ${port}`
