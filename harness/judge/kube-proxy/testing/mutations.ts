import type { ProxyMachine, ServicePort } from '../service-port.ts'
import { usableEndpoints } from '../usable-endpoints.ts'

/** Rules with one error. Each returns every text that differs in one place and changes the fate of a packet. */
export interface Mutation {
  readonly name: string
  readonly iptables: (text: string, ports: readonly ServicePort[], machine: ProxyMachine) => string[]
  readonly nftables: (text: string, ports: readonly ServicePort[], machine: ProxyMachine) => string[]
}

export const mutations: readonly Mutation[] = [
  {
    name: 'one rule deleted',
    iptables: (text, ports, machine) => without(text, (line) => isFelt(line, ports, machine)),
    nftables: (text, _, machine) => [
      ...edited(text, ({ rule }) =>
        rule && isOfService(rule.chain) && !isShortCut(rule.expr, machine) ? null : undefined,
      ),
      ...edited(text, ({ map }) => (map && map.name.startsWith('service-') ? { map: shortened(map) } : undefined)),
    ],
  },
  {
    name: 'a chance changed',
    iptables: (text) => replaced(text, /--probability [\d.]+/, '--probability 0.1234'),
    nftables: (text) =>
      edited(text, (one) => {
        const changed = JSON.stringify(one).replace(/\[0,(\{.*?\})\],\[1,(\{.*?\})\]([,\]])/, '[0,$1],[1,$1]$3')
        return changed === JSON.stringify(one) ? undefined : (JSON.parse(changed) as Listed)
      }),
  },
  {
    name: 'a masquerade mark missing',
    iptables: (text) => without(text, (line) => /^-A KUBE-(SVC|SVL)-.* -j KUBE-MARK-MASQ$/.test(line)),
    nftables: (text, ports, machine) => {
      if (!ports.some((port) => isServedInside(port, machine))) return []
      return edited(text, ({ rule }) =>
        rule?.chain === 'services' && JSON.stringify(rule).includes('mangle') ? null : undefined,
      )
    },
  },
]

/** Except for rules that only exist for other machines' endpoints, or that have the same effect as another path. */
function isFelt(line: string, ports: readonly ServicePort[], machine: ProxyMachine): boolean {
  if (/^-A KUBE-(SVC|SVL)-/.test(line)) return true
  if (line.startsWith('-A KUBE-SERVICES')) return line.includes('--dport')
  if (line.startsWith('-A KUBE-NODEPORTS')) return true
  const [, sender] = /^-A KUBE-SEP-\S+ (?:-s ([\d.]+)\/32)?/.exec(line) ?? []
  if (!line.startsWith('-A KUBE-SEP-')) return false
  const local = ports.flatMap(({ endpoints }) => endpoints).filter(({ node }) => node === machine.name)
  return sender === undefined || local.some(({ ip }) => ip === sender)
}

/** A guard of an unused address has no effect. */
function isOfService(chain: string): boolean {
  return chain.includes('/') && !chain.startsWith('firewall-')
}

function isShortCut(expr: readonly object[], machine: ProxyMachine): boolean {
  const text = JSON.stringify(expr)
  const fromHere = text.includes('"fib"') || text.includes(JSON.stringify(machine.podRange.split('/')[0]))
  return fromHere && text.includes('goto')
}

function without(text: string, fits: (line: string) => boolean): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, n) => (fits(line) ? [lines.toSpliced(n, 1).join('\n')] : []))
}

function replaced(text: string, what: RegExp, by: string): string[] {
  const lines = text.split('\n')
  return lines.flatMap((line, n) => (what.test(line) ? [lines.with(n, line.replace(what, by)).join('\n')] : []))
}

function isServedInside(port: ServicePort, machine: ProxyMachine): boolean {
  const { cluster, local } = usableEndpoints(port, machine)
  return (port.internalLocal ? local : cluster).length > 0
}

function shortened<M extends { readonly elem?: readonly unknown[] }>(map: M): M {
  return { ...map, elem: map.elem?.slice(1) }
}

interface Listed {
  readonly rule?: { readonly chain: string; readonly expr: readonly object[] }
  readonly map?: { readonly name: string; readonly elem?: readonly unknown[] }
}

/** `change` returns the replacement, null to delete, undefined for no change. */
function edited(text: string, change: (one: Listed) => object | null | undefined): string[] {
  const { nftables } = JSON.parse(text) as { nftables: Listed[] }
  return nftables.flatMap((one, n) => {
    const changed = change(one)
    if (changed === undefined || JSON.stringify(changed) === JSON.stringify(one)) return []
    return [JSON.stringify({ nftables: nftables.toSpliced(n, 1, ...(changed === null ? [] : [changed as Listed])) })]
  })
}
