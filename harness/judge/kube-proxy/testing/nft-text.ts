import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress, isExternal } from '../service-port.ts'
import { usableEndpoints } from '../usable-endpoints.ts'

/*
 * The table of a kube-proxy in mode nftables in the format of `nft -j list table`: modelled on real output, to test the
 * parser on Services of every sort.
 */

type Json = unknown
const mark = 0x4000
const ip = (field: string): Json => ({ payload: { protocol: 'ip', field } })
const match = (left: Json, right: Json, op = '=='): Json => ({ match: { op, left, right } })
const prefix = (range: string): Json => ({ prefix: { addr: range.split('/')[0], len: Number(range.split('/')[1]) } })
const meta = (key: string): Json => ({ meta: { key } })
const concat = (...parts: Json[]): Json => ({ concat: parts })
const vmap = (key: Json, data: Json): Json => ({ vmap: { key, data } })
const goto = (target: string): Json => ({ goto: { target } })
const isNew = match({ ct: { key: 'state' } }, 'new', 'in')
const fromMachine = match({ fib: { result: 'type', flags: ['saddr'] } }, 'local')
const marked = { mangle: { key: meta('mark'), value: { '|': [meta('mark'), mark] } } }
const byAddress = concat(ip('daddr'), meta('l4proto'), { payload: { protocol: 'th', field: 'dport' } })
const byPort = concat(meta('l4proto'), { payload: { protocol: 'th', field: 'dport' } })
const masquerade = { masquerade: { flags: 'fully-random' } }
const own = { family: 'ip', table: 'kube-proxy' }

class Listing {
  readonly #objects: Json[] = []
  readonly #known = new Set<string>()
  readonly maps = new Map<string, Json[]>()

  add(chain: string, ...expr: Json[]): void {
    this.chain(chain)
    this.#objects.push({ rule: { ...own, chain, handle: this.#objects.length, expr } })
  }

  has(chain: string): boolean {
    return this.#known.has(chain)
  }

  chain(name: string, hook?: { type: string; hook: string; prio: number }): void {
    if (this.#known.has(name)) return
    this.#known.add(name)
    this.#objects.push({ chain: { ...own, name, handle: 1, ...(hook ? { ...hook, policy: 'accept' } : {}) } })
  }

  put(map: string, element: Json): void {
    this.maps.get(map)?.push(element)
  }

  set(name: string, elem: Json[], more: object = {}): void {
    if (this.#known.has(`set ${name}`)) return
    this.#known.add(`set ${name}`)
    this.#objects.push({ set: { ...own, name, type: 'ipv4_addr', ...more, ...(elem.length > 0 ? { elem } : {}) } })
  }

  text(): string {
    const maps = [...this.maps].map(([name, elem]) => ({
      map: { ...own, name, map: 'verdict', ...(elem.length > 0 ? { elem } : {}) },
    }))
    return JSON.stringify({ nftables: [{ metainfo: { json_schema_version: 1 } }, ...maps, ...this.#objects] })
  }
}

const hooks = [
  ['filter-prerouting-pre-dnat', 'filter', 'prerouting', -110],
  ['filter-output-pre-dnat', 'filter', 'output', -110],
  ['filter-input', 'filter', 'input', 0],
  ['filter-forward', 'filter', 'forward', 0],
  ['filter-output', 'filter', 'output', 0],
  ['nat-prerouting', 'nat', 'prerouting', -100],
  ['nat-output', 'nat', 'output', -100],
  ['nat-postrouting', 'nat', 'postrouting', 100],
] as const

export function nftText(ports: readonly ServicePort[], machine: ProxyMachine): string {
  const listing = new Listing()
  for (const map of [
    'service-ips',
    'no-endpoint-services',
    'service-nodeports',
    'no-endpoint-nodeports',
    'firewall-ips',
  ]) {
    listing.maps.set(map, [])
  }
  for (const [name, type, hook, prio] of hooks) listing.chain(name, { type, hook, prio })
  const jump = (from: string, target: string, ...first: Json[]): void =>
    listing.add(from, ...first, { jump: { target } })
  for (const hook of ['filter-input', 'filter-forward', 'filter-output']) {
    if (hook === 'filter-input') jump(hook, 'nodeport-endpoints-check', isNew)
    jump(hook, 'service-endpoints-check', isNew)
    if (hook !== 'filter-input') jump(hook, 'cluster-ips-check', isNew)
  }
  jump('filter-prerouting-pre-dnat', 'firewall-check', isNew)
  jump('filter-output-pre-dnat', 'firewall-check', isNew)
  jump('nat-prerouting', 'services')
  jump('nat-output', 'services')
  jump('nat-postrouting', 'masquerading')
  listing.add(
    'masquerading',
    match({ '&': [meta('mark'), mark] }, 0, '!='),
    { mangle: { key: meta('mark'), value: { '^': [meta('mark'), mark] } } },
    masquerade,
  )
  const hairpin = concat(ip('saddr'), ip('daddr'), meta('l4proto'), { payload: { protocol: 'th', field: 'dport' } })
  listing.add(
    'masquerading',
    match({ ct: { key: 'status' } }, 'dnat', 'in'),
    match(hairpin, '@hairpin-connections'),
    masquerade,
  )
  listing.set(
    'cluster-ips',
    ports.map(({ clusterIP }) => clusterIP),
  )
  listing.set('nodeport-ips', [machine.address])
  listing.add('cluster-ips-check', match(ip('daddr'), '@cluster-ips'), {
    reject: { type: 'icmp', expr: 'port-unreachable' },
  })
  listing.add('cluster-ips-check', match(ip('daddr'), prefix('10.96.0.0/16')), { drop: null })
  listing.add(
    'services',
    match(ip('daddr'), '@cluster-ips'),
    match(ip('saddr'), prefix(machine.podRange), '!='),
    marked,
  )
  listing.add('services', vmap(byAddress, '@service-ips'))
  listing.add('services', match(ip('daddr'), '@nodeport-ips'), vmap(byPort, '@service-nodeports'))
  listing.add('service-endpoints-check', vmap(byAddress, '@no-endpoint-services'))
  listing.add('nodeport-endpoints-check', match(ip('daddr'), '@nodeport-ips'), vmap(byPort, '@no-endpoint-nodeports'))
  listing.add('firewall-check', vmap(byAddress, '@firewall-ips'))
  listing.add('reject-chain', { reject: { type: 'icmp', expr: 'port-unreachable' } })
  const hairpins = ports.flatMap((port) => writePort(port, machine, listing))
  listing.set('hairpin-connections', [...new Map(hairpins.map((one) => [JSON.stringify(one), one])).values()])
  return listing.text()
}

function writePort(port: ServicePort, machine: ProxyMachine, listing: Listing): Json[] {
  const { cluster, local, anywhere } = usableEndpoints(port, machine)
  const base = `${port.service}/${port.protocol}/${port.name}`
  const chain = (kind: string): string => `${kind}-HASH-${base}`
  const at = (address: string): Json => concat(address, port.protocol, port.port)
  const refusal = (chosen: readonly Endpoint[]): Json =>
    !anywhere ? goto('reject-chain') : chosen.length === 0 ? { drop: null } : undefined
  const refuse = (map: string, key: Json, verdict: Json): void =>
    listing.put(map, [{ elem: { val: key, comment: base } }, verdict])

  const [inside, outside] = [port.internalLocal ? local : cluster, port.externalLocal ? local : cluster]
  const refusedInside = refusal(inside)
  if (refusedInside) refuse('no-endpoint-services', at(port.clusterIP), refusedInside)
  else listing.put('service-ips', [at(port.clusterIP), goto(chain(port.internalLocal ? 'local' : 'service'))])

  const refusedOutside = refusal(outside)
  const guarded = port.balancers.length > 0 && port.balancerSources.length > 0
  for (const address of [...port.externalIPs, ...port.balancers]) {
    if (anywhere) listing.put('service-ips', [at(address), goto(chain('external'))])
    if (refusedOutside) refuse('no-endpoint-services', at(address), refusedOutside)
  }
  if (guarded) {
    for (const address of port.balancers) listing.put('firewall-ips', [at(address), goto(chain('firewall'))])
    listing.add(chain('firewall'), match(ip('saddr'), { set: port.balancerSources.map(prefix) }, '!='), { drop: null })
  }
  if (port.nodePort > 0) {
    const key = concat(port.protocol, port.nodePort)
    if (anywhere) listing.put('service-nodeports', [key, goto(chain('external'))])
    if (refusedOutside) refuse('no-endpoint-nodeports', key, refusedOutside)
  }
  if (anywhere && isExternal(port)) {
    if (port.externalLocal) {
      listing.add(chain('external'), match(ip('saddr'), prefix(machine.podRange)), goto(chain('service')))
      listing.add(chain('external'), fromMachine, marked)
      listing.add(chain('external'), fromMachine, goto(chain('service')))
    } else listing.add(chain('external'), marked)
    if (!refusedOutside) listing.add(chain('external'), goto(chain(port.externalLocal ? 'local' : 'service')))
  }
  writeChoice(listing, chain('service'), port, cluster)
  writeChoice(listing, chain('local'), port, local)
  return [...cluster, ...local]
    .filter(({ node }) => node === machine.name)
    .map((endpoint) => concat(endpoint.ip, endpoint.ip, port.protocol, endpoint.port))
}

function writeChoice(listing: Listing, chain: string, port: ServicePort, among: readonly Endpoint[]): void {
  const [only] = among
  if (!only) return
  const random = { numgen: { mode: 'random', mod: among.length, offset: 0 } }
  const isProtocol = match(meta('l4proto'), port.protocol)
  if (port.stickySeconds === undefined) {
    const dnat = (endpoint: Endpoint): Json => ({ dnat: { addr: endpoint.ip, port: endpoint.port } })
    const set = among.map((endpoint, n) => [n, concat(endpoint.ip, endpoint.port)])
    const spread = { dnat: { family: 'ip', addr: { map: { key: random, data: { set } } } } }
    listing.add(chain, isProtocol, among.length === 1 ? dnat(only) : spread)
    return
  }
  const names = among.map(
    (endpoint) => `HASH-${port.service}/${port.protocol}/${port.name}__${endpointAddress(endpoint).replace(':', '/')}`,
  )
  for (const name of names) {
    listing.set(`affinity-${name}`, [], { size: 65_535, flags: ['timeout'], timeout: port.stickySeconds })
    listing.add(chain, match(ip('saddr'), `@affinity-${name}`), goto(`endpoint-${name}`))
  }
  listing.add(chain, vmap(random, { set: names.map((name, n) => [n, goto(`endpoint-${name}`)]) }))
  for (const [n, name] of names.entries()) {
    if (listing.has(`endpoint-${name}`)) continue
    const { ip: addr, port: number } = among[n] ?? only
    listing.add(`endpoint-${name}`, { set: { op: 'update', elem: ip('saddr'), set: `@affinity-${name}` } })
    listing.add(`endpoint-${name}`, isProtocol, { dnat: { addr, port: number } })
  }
}
