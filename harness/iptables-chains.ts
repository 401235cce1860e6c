/** What `iptables-save` prints, as tables by name, each with its chains and their rules in order, as whole lines. */
export type IptablesChains = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

/** Reads what `iptables-save` prints. `strange` is told of a line that is none of its, or of no chain that was declared. */
export function iptablesChains(saved: string, strange: (line: string) => void = () => undefined): IptablesChains {
  const tables = new Map<string, Map<string, string[]>>()
  let chains: Map<string, string[]> | undefined
  for (const line of saved.split('\n')) {
    const [word = '', chain = ''] = line.split(' ')
    const rules = word === '-A' ? chains?.get(chain) : undefined
    if (line.startsWith('*')) tables.set(line.slice(1), (chains = new Map()))
    else if (line.startsWith(':') && chains) chains.set(word.slice(1), [])
    else if (rules) rules.push(line)
    else if (line !== '' && line !== 'COMMIT' && !line.startsWith('#')) strange(line)
  }
  return tables
}
