import { createHash } from 'node:crypto'
import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress, isExternal } from '../service-port.ts'
import { usableEndpoints } from '../usable-endpoints.ts'

/*
 * Rules in the format of `iptables-save`, as kube-proxy in mode iptables writes them: modelled on real output, to test
 * the parser on Services of every sort.
 */

const mark = '0x4000/0x4000'
const hash = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 16).toUpperCase()

/** Chains of one table in the order in which they were begun. */
class Table {
  readonly #chains = new Map<string, string[]>()

  chain(name: string): string {
    if (!this.#chains.has(name)) this.#chains.set(name, [])
    return name
  }

  has(name: string): boolean {
    return this.#chains.has(name)
  }

  add(chain: string, rule: string): void {
    this.chain(chain)
    this.#chains.get(chain)?.push(`-A ${chain} ${rule}`)
  }

  text(name: string, builtIn: readonly string[]): string {
    const declared = [...new Set([...builtIn, ...this.#chains.keys()])]
    const chains = declared.map((chain) => `:${chain} ${builtIn.includes(chain) ? 'ACCEPT' : '-'} [0:0]`)
    return [`*${name}`, ...chains, ...[...this.#chains.values()].flat(), 'COMMIT'].join('\n')
  }
}

export function iptablesText(ports: readonly ServicePort[], machine: ProxyMachine): string {
  const [nat, filter] = [new Table(), new Table()]
  for (const hook of ['PREROUTING', 'OUTPUT']) nat.add(hook, '-m comment --comment "service portals" -j KUBE-SERVICES')
  nat.add('POSTROUTING', '-m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING')
  nat.add('POSTROUTING', '-s 10.244.0.0/16 ! -d 224.0.0.0/4 -j MASQUERADE --random-fully')
  nat.add('KUBE-POSTROUTING', `-m mark ! --mark ${mark} -j RETURN`)
  nat.add('KUBE-POSTROUTING', '-j MARK --set-xmark 0x4000/0x0')
  nat.add('KUBE-POSTROUTING', '-j MASQUERADE --random-fully')
  nat.add('KUBE-MARK-MASQ', `-j MARK --set-xmark ${mark}`)
  nat.chain('KUBE-NODEPORTS')
  for (const hook of ['INPUT', 'FORWARD', 'OUTPUT']) {
    if (hook !== 'OUTPUT') filter.add(hook, '-m conntrack --ctstate NEW -j KUBE-EXTERNAL-SERVICES')
    if (hook !== 'INPUT') filter.add(hook, '-m conntrack --ctstate NEW -j KUBE-SERVICES')
    filter.add(hook, '-m conntrack --ctstate NEW -j KUBE-PROXY-FIREWALL')
  }
  filter.add('FORWARD', '-j KUBE-FORWARD')
  filter.add('KUBE-FORWARD', '-m conntrack --ctstate INVALID -j DROP')
  filter.add('KUBE-FORWARD', `-m mark --mark ${mark} -j ACCEPT`)
  for (const chain of ['KUBE-EXTERNAL-SERVICES', 'KUBE-SERVICES', 'KUBE-PROXY-FIREWALL']) filter.chain(chain)
  for (const port of ports) writePort(port, machine, nat, filter)
  nat.add('KUBE-SERVICES', '! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS')
  return `${nat.text('nat', ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'])}\n${filter.text('filter', ['INPUT', 'FORWARD', 'OUTPUT'])}\n`
}

function writePort(port: ServicePort, machine: ProxyMachine, nat: Table, filter: Table): void {
  const { cluster, local, anywhere } = usableEndpoints(port, machine)
  const name = `${port.service}:${port.name}`
  const id = hash(name + port.protocol)
  const svc = (chain: string): string => `KUBE-${chain}-${id}`
  const matches = `-m comment --comment "${name}"`
  const to = (address: string): string =>
    `-d ${address}/32 -p ${port.protocol} ${matches} -m ${port.protocol} --dport ${port.port}`
  const node = `-p ${port.protocol} ${matches} -m ${port.protocol} --dport ${port.nodePort}`
  const refusal = (chosen: readonly Endpoint[]): string | undefined =>
    !anywhere ? 'REJECT --reject-with icmp-port-unreachable' : chosen.length === 0 ? 'DROP' : undefined

  const [inside, outside] = [port.internalLocal ? local : cluster, port.externalLocal ? local : cluster]
  const refusedInside = refusal(inside)
  const internal = svc(port.internalLocal ? 'SVL' : 'SVC')
  if (refusedInside === undefined) {
    nat.add('KUBE-SERVICES', `${to(port.clusterIP)} -j ${internal}`)
    nat.add(internal, `! -s ${machine.podRange} ${to(port.clusterIP)} -j KUBE-MARK-MASQ`)
  } else filter.add('KUBE-SERVICES', `${to(port.clusterIP)} -j ${refusedInside}`)

  const guarded = anywhere && port.balancers.length > 0 && port.balancerSources.length > 0
  const refusedOutside = refusal(outside)
  for (const address of port.externalIPs) {
    if (anywhere) nat.add('KUBE-SERVICES', `${to(address)} -j ${svc('EXT')}`)
  }
  for (const address of port.balancers) {
    if (anywhere) nat.add('KUBE-SERVICES', `${to(address)} -j ${svc(guarded ? 'FW' : 'EXT')}`)
    if (guarded) filter.add('KUBE-PROXY-FIREWALL', `${to(address)} -j DROP`)
  }
  if (port.nodePort > 0 && anywhere) nat.add('KUBE-NODEPORTS', `${node} -j ${svc('EXT')}`)
  if (refusedOutside !== undefined) {
    for (const address of [...port.externalIPs, ...port.balancers]) {
      filter.add('KUBE-EXTERNAL-SERVICES', `${to(address)} -j ${refusedOutside}`)
    }
    if (port.nodePort > 0) {
      filter.add(
        'KUBE-EXTERNAL-SERVICES',
        node.replace(matches, `${matches} -m addrtype --dst-type LOCAL`) + ` -j ${refusedOutside}`,
      )
    }
  }
  if (anywhere && isExternal(port)) {
    if (port.externalLocal) {
      nat.add(svc('EXT'), `-s ${machine.podRange} ${matches} -j ${svc('SVC')}`)
      nat.add(svc('EXT'), `${matches} -m addrtype --src-type LOCAL -j KUBE-MARK-MASQ`)
      nat.add(svc('EXT'), `${matches} -m addrtype --src-type LOCAL -j ${svc('SVC')}`)
    } else nat.add(svc('EXT'), `${matches} -j KUBE-MARK-MASQ`)
    if (refusedOutside === undefined) nat.add(svc('EXT'), `-j ${svc(port.externalLocal ? 'SVL' : 'SVC')}`)
  }
  if (guarded) {
    for (const range of port.balancerSources) nat.add(svc('FW'), `-s ${range} ${matches} -j ${svc('EXT')}`)
    nat.add(svc('FW'), '-m comment --comment "other traffic will be dropped by KUBE-PROXY-FIREWALL"')
  }
  for (const [chain, among] of [
    [svc('SVC'), cluster],
    [svc('SVL'), local],
  ] as const) {
    writeChoice(nat, chain, port, among, matches)
  }
}

function writeChoice(nat: Table, chain: string, port: ServicePort, among: readonly Endpoint[], matches: string): void {
  if (among.length === 0) return
  const list = among.map((endpoint) => ({
    address: endpointAddress(endpoint),
    ip: endpoint.ip,
    own: `KUBE-SEP-${hash(`${port.service}${port.name}${port.protocol}${endpointAddress(endpoint)}`)}`,
  }))
  const recent = (own: string): string => `--name ${own} --mask 255.255.255.255 --rsource`
  if (port.stickySeconds !== undefined) {
    for (const { own } of list) {
      nat.add(chain, `${matches} -m recent --rcheck --seconds ${port.stickySeconds} --reap ${recent(own)} -j ${own}`)
    }
  }
  for (const [n, { own }] of list.entries()) {
    const chance = (1 / (list.length - n)).toFixed(10)
    const choice = n < list.length - 1 ? `-m statistic --mode random --probability ${chance} ` : ''
    nat.add(chain, `${matches} ${choice}-j ${own}`)
  }
  for (const { own, ip, address } of list) {
    if (nat.has(own)) continue
    nat.add(own, `-s ${ip}/32 ${matches} -j KUBE-MARK-MASQ`)
    const note = port.stickySeconds === undefined ? '' : `-m recent --set ${recent(own)} `
    nat.add(own, `-p ${port.protocol} ${matches} ${note}-m ${port.protocol} -j DNAT --to-destination ${address}`)
  }
}
