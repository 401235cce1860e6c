import { describe, expect, test } from 'vitest'
import { iptablesChains } from '../../common/iptables-chains.ts'
import { flushScript, proxyRules, restoration, serviceRule } from './proxy-rules.ts'

const saved = [
  '*filter',
  ':INPUT ACCEPT [0:0]',
  ':FORWARD ACCEPT [0:0]',
  ':KUBE-FIREWALL - [0:0]',
  ':KUBE-FORWARD - [0:0]',
  ':KUBE-PROXY-CANARY - [0:0]',
  '-A INPUT -j KUBE-FIREWALL',
  '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
  '-A FORWARD -j FLANNEL-FWD',
  '-A KUBE-FIREWALL -j DROP',
  '-A KUBE-FORWARD -m mark --mark 0x4000/0x4000 -j ACCEPT',
  'COMMIT',
  '*mangle',
  ':KUBE-IPTABLES-HINT - [0:0]',
  'COMMIT',
  '*nat',
  ':PREROUTING ACCEPT [0:0]',
  ':KUBE-SERVICES - [0:0]',
  ':KUBE-SVC-A - [0:0]',
  '-A PREROUTING -j DOCKER',
  '-A PREROUTING -j KUBE-SERVICES',
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p tcp -m comment --comment "kube-system/kube-dns" -m tcp --dport 53 -j KUBE-SVC-A',
  '-A KUBE-SERVICES -d 10.96.0.10/32 -p udp -m comment --comment "kube-system/kube-dns" -m udp --dport 53 -j KUBE-SVC-B',
  '-A KUBE-SVC-A -j KUBE-SEP-A',
  'COMMIT',
  '',
].join('\n')

/** Returns a kernel's tables after a script for `iptables-restore --noflush`, as `iptables-save` would print them. */
function applied(before: string, script: string): string {
  const tables = new Map([...iptablesChains(before)].map(([name, chains]) => [name, new Map(chains)]))
  let chains = new Map<string, readonly string[]>()
  for (const line of script.split('\n')) {
    const [word = '', chain = ''] = line.split(' ')
    const rules = [...(chains.get(chain) ?? [])]
    if (line.startsWith('*')) chains = tables.get(line.slice(1)) ?? new Map<string, readonly string[]>()
    else if (line.startsWith(':')) chains.set(word.slice(1), [])
    else if (word === '-A') chains.set(chain, [...rules, line])
    else if (word === '-F') chains.set(chain, [])
    else if (word === '-X') chains.delete(chain)
    else if (word === '-D')
      chains.set(
        chain,
        rules.filter((rule) => rule !== line.replace('-D', '-A')),
      )
    else if (word === '-I') {
      const at = Number(line.split(' ')[2])
      chains.set(chain, rules.toSpliced(at - 1, 0, line.replace(/^-I (\S+) \d+/, '-A $1')))
    }
  }
  return [...tables]
    .map(([name, own]) => {
      const lines = [...own.keys()].map((chain) => `:${chain} - [0:0]`)
      return [`*${name}`, ...lines, ...[...own.values()].flat(), 'COMMIT', ''].join('\n')
    })
    .join('')
}

const same = (text: string) =>
  Object.fromEntries([...iptablesChains(text)].map(([name, chains]) => [name, Object.fromEntries(chains)]))

describe.each(['chains', 'tables'] as const)('flushing %s', (what) => {
  const flushed = applied(saved, flushScript(saved, what))

  test('leaves no rule of kube-proxy and every other one', () => {
    expect(proxyRules(saved)).toBe(4)
    expect(proxyRules(flushed)).toBe(0)
    expect(same(flushed)).toMatchObject({
      filter: { INPUT: ['-A INPUT -j KUBE-FIREWALL'], 'KUBE-FIREWALL': ['-A KUBE-FIREWALL -j DROP'] },
      mangle: { 'KUBE-IPTABLES-HINT': [] },
      nat: { PREROUTING: expect.arrayContaining(['-A PREROUTING -j DOCKER']) },
    })
    const kept = Object.keys(same(flushed)['nat'] ?? {})
    expect(kept.includes('KUBE-SVC-A')).toBe(what === 'chains')
  })

  test('is restored exactly, in its old order', () => {
    expect(same(applied(flushed, restoration(saved, flushed)))).toEqual(same(saved))
    expect(restoration(saved, saved)).toBe('')
  })

  test('leaves what kube-proxy has written since', () => {
    const rewritten = applied(flushed, '*nat\n:KUBE-SVC-A - [0:0]\n-A KUBE-SVC-A -j KUBE-SEP-NEW\nCOMMIT\n')
    const healed = same(applied(rewritten, restoration(saved, rewritten)))
    expect(healed['nat']?.['KUBE-SVC-A']).toEqual(['-A KUBE-SVC-A -j KUBE-SEP-NEW'])
    expect(healed['nat']?.['KUBE-SERVICES']).toHaveLength(2)
  })
})

test("finds the one rule of a Service's port", () => {
  expect(serviceRule(saved, { address: '10.96.0.10', protocol: 'udp', port: 53 })).toMatchObject({ at: 2 })
  expect(serviceRule(saved, { address: '10.96.0.1', protocol: 'udp', port: 53 })).toBeUndefined()
})
