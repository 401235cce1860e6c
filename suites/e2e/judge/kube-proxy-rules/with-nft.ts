import type { V1Service } from '@kubernetes/client-node'
import { agnhostPorts, servicePorts } from '../../../../harness/cluster/agnhost.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { nameOf } from '../../../../harness/traffic/services/packet-sender.ts'
import type { ByHand } from './changes.ts'
import { shell } from './shell.ts'

const table = 'ip kube-proxy'
let tables = 0

/** Changes for a kube-proxy in mode nftables. */
export const withNft: ByHand = {
  dropArriving: (machine, port) =>
    ownTable(machine, 'type filter hook prerouting priority raw', `tcp dport ${port} drop`),
  dropLeaving: (machine, address) =>
    ownTable(machine, 'type filter hook output priority raw', `ip daddr ${address} drop`),
  sendOn: (machine, { spec }, ip) => {
    const match = `ip daddr ${spec?.clusterIP} tcp dport ${servicePorts.tcp}`
    const early = 'type nat hook output priority -101'
    return ownTable(machine, early, `${match} dnat to ${ip}:${agnhostPorts.tcp}`)
  },
  removeRule: async (machine, { spec }) => {
    const key = `${spec?.clusterIP} . tcp . ${servicePorts.tcp}`
    await nft(machine, `delete element ${table} service-ips { ${key} }`)
  },
  forgetClients: async (machine, service) => {
    const { chain, rules } = await spreading(machine, service)
    for (const { rule, handle } of rules) {
      if (rule.includes(' @affinity-')) await nft(machine, `delete rule ${table} ${chain} handle ${handle}`)
    }
  },
  favourOne: async (machine, service) => {
    const { chain, rules } = await spreading(machine, service)
    const { rule = '', handle } = rules.find((one) => one.rule.includes('numgen')) ?? {}
    const [, first = ''] = /0 : ([\d.]+ \. \d+)/.exec(rule) ?? []
    // nft does not parse its own output: the rule must state that the map contains ports.
    const changed = rule.replace(/1 : [\d.]+ \. \d+/, `1 : ${first}`).replace('dnat ip to', 'dnat ip addr . port to')
    if (changed === rule) throw new Error(`the rule of ${nameOf(service)} has no probability to change: ${rule}`)
    await nft(machine, `replace rule ${table} ${chain} handle ${handle} ${changed}`)
  },
}

/** Adds a table with one chain and one rule until disposed. */
async function ownTable(machine: Machine, hook: string, rule: string): Promise<AsyncDisposable> {
  const name = `ip by_hand_${++tables}`
  await nft(machine, `add table ${name}; add chain ${name} only { ${hook}; }; add rule ${name} only ${rule}`)
  return { [Symbol.asyncDispose]: () => nft(machine, `delete table ${name}`) }
}

/** Finds the chain that balances a Service's TCP port, with its rules. */
async function spreading(
  machine: Machine,
  service: V1Service,
): Promise<{ readonly chain: string; readonly rules: readonly { readonly rule: string; readonly handle: string }[] }> {
  const listed = await shell(machine, `nft -a list table ${table}`)
  const lines = listed.split('\n')
  const begin = lines.findIndex((line) => /^\s*chain service-/.test(line) && line.includes(`-${nameOf(service)}/tcp/`))
  const [, chain] = /chain (\S+) \{/.exec(lines[begin] ?? '') ?? []
  if (chain === undefined) throw new Error(`nft lists no chain for ${nameOf(service)}`)
  const end = lines.findIndex((line, n) => n > begin && line.startsWith('\t}'))
  // nft prints a rule with a long map on several lines.
  const text = lines.slice(begin + 1, end).join('\n')
  const rules = [...text.matchAll(/\s*([^]*?) # handle (\d+)(?=\n|$)/g)].map(([, rule = '', handle = '']) => ({
    rule: rule.replaceAll(/\s+/g, ' '),
    handle,
  }))
  return { chain, rules }
}

async function nft(machine: Machine, script: string): Promise<void> {
  await shell(machine, `nft '${script}'`)
}
