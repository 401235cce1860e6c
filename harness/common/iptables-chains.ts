/** Output of `iptables-save`: tables by name, chains by name, rules in order as whole lines. */
export type IptablesChains = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

/** Parses the output of `iptables-save`. Calls `strange` with each line that is not its output or names an undeclared chain. */
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
