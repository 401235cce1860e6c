import { iptablesChains } from '../../common/iptables-chains.ts'
import { command } from '../processes/command.ts'
import { iptablesRestore, iptablesSave } from '../kernel/iptables.ts'
import { isAbsence } from '../kernel/nft.ts'
import {
  type ServicePort,
  deletion,
  flushScript,
  insertion,
  proxyRules,
  restoration,
  serviceRule,
} from './proxy-rules.ts'
import { elementKey, serviceElement, tableRestoration, tableRules } from './proxy-table.ts'

/** kube-proxy's rules in this machine's kernel, with the same operations in both modes. */
export interface RuleBackend {
  readonly mode: 'iptables' | 'nftables'
  /** Returns everything that the restore needs. */
  read(): Promise<string>
  count(text: string): number
  /** Counts the rules in the kernel now; 0 when the table itself is gone. @throws when they can't be read */
  left(): Promise<number>
  flush(text: string, what: 'chains' | 'tables'): Promise<void>
  /** Restores what is missing; false when nothing was. */
  restore(text: string): Promise<boolean>
  /** Returns the one rule of a Service's port, as text; undefined when it is missing. */
  rule(service: ServicePort): Promise<string | undefined>
  deleteRule(service: ServicePort, rule: string): Promise<void>
  /** Restores the rule, unless its Service is gone. */
  addRule(service: ServicePort, rule: string): Promise<void>
}

const table = ['ip', 'kube-proxy'] as const
const servicesMap = [...table, 'service-ips'] as const

/** Returns the rules of the mode that kube-proxy runs in, detected from what it has written. @throws when it has written nothing */
export async function ruleBackendHere(): Promise<RuleBackend> {
  if ((await listing()) !== undefined) return nftables
  if (proxyRules(await iptablesSave()) > 0) return iptables
  throw new Error('this machine has no kube-proxy rules')
}

export const ruleBackendOf = (mode: RuleBackend['mode']): RuleBackend => (mode === 'iptables' ? iptables : nftables)

const iptables: RuleBackend = {
  mode: 'iptables',
  read: () => iptablesSave(),
  count: proxyRules,
  left: async () => proxyRules(await iptablesSave()),
  flush: (text, what) => iptablesRestore(flushScript(text, what)),
  restore: async (text) => {
    const script = restoration(text, await iptablesSave())
    if (script !== '') await iptablesRestore(script)
    return script !== ''
  },
  rule: async (service) => {
    const found = serviceRule(await iptablesSave('-t', 'nat'), service)
    return found && `${found.at} ${found.rule}`
  },
  deleteRule: (_, text) => iptablesRestore(`*nat\n${deletion(placed(text).rule)}\nCOMMIT\n`),
  addRule: async (_, text) => {
    const { at, rule } = placed(text)
    const chains = iptablesChains(await iptablesSave('-t', 'nat')).get('nat')
    const place = Math.min(at, (chains?.get('KUBE-SERVICES')?.length ?? 0) + 1)
    const to = / -j (\S+)/.exec(rule)?.[1] ?? ''
    // When its Service is gone, kube-proxy has removed the chain.
    if (chains?.has(to)) await iptablesRestore(`*nat\n${insertion(rule, place)}\nCOMMIT\n`)
  },
}

/** Parses a rule after its position in its chain. */
function placed(text: string): { readonly at: number; readonly rule: string } {
  const [, at = '1', rule = ''] = /^(\d+) (.*)$/.exec(text) ?? []
  return { at: Number(at), rule }
}

const nftables: RuleBackend = {
  mode: 'nftables',
  read: () => command('nft', ['-s', 'list', 'table', ...table]),
  count: tableRules,
  left: async () => tableRules((await listing()) ?? ''),
  flush: async (_, what) => {
    await command('nft', [what === 'chains' ? 'flush' : 'delete', 'table', ...table])
  },
  restore: async (text) => {
    const script = tableRestoration(text, await listing())
    if (script !== '') await command('nft', ['-f', '-'], script)
    return script !== ''
  },
  rule: async (service) => {
    if ((await listing()) === undefined) return undefined
    return serviceElement(await command('nft', ['list', 'map', ...servicesMap]), service)
  },
  deleteRule: async (service) => {
    await command('nft', ['delete', 'element', ...servicesMap, `{ ${elementKey(service)} }`])
  },
  addRule: async (service, verdict) => {
    const chain = verdict.replace('goto ', '')
    if (!(await listing())?.includes(`\tchain ${chain} {`)) return
    await command('nft', ['add', 'element', ...servicesMap, `{ ${elementKey(service)} : ${verdict} }`])
  },
}

async function listing(): Promise<string | undefined> {
  try {
    return await command('nft', ['-s', 'list', 'table', ...table])
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}
