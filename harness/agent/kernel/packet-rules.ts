/*
 * Rules for packets as plain data, and their nftables script. Each fault has its own table, whose name begins with
 * `holdfast`. Other tables (kube-proxy's, flannel's, the administrator's) are neither read nor changed.
 */

/** Packets from one address or range to another. A missing end matches any address. */
export interface PacketRule {
  /** Name under which the counters are reported. One label may have several rules. */
  readonly label: string
  readonly from?: string
  readonly to?: string
  /** Only this protocol; without it, all. */
  readonly protocol?: 'tcp' | 'udp'
  /** Only packets that have this port at either end, or with `destination` at their destination. */
  readonly port?: number
  readonly destination?: boolean
  /** Only packets of answered connections that the sending end opened: later than the first of a handshake. */
  readonly established?: boolean
}

export type Fate =
  /** Lost without a notice, as on a bad cable. */
  | { readonly do: 'drop' }
  /** Answered with "administratively prohibited", as by a firewall. */
  | { readonly do: 'reject' }
  /** TCP is answered with RST, as by a host without a listener; the rest with "port unreachable". */
  | { readonly do: 'reset' }

/**
 * Where packets are matched, as hooks and their priorities:
 * `arriving`, before all else: a packet dropped there was lost on the wire, and its sender gets no notice;
 * `tracked`, the same after connection tracking;
 * `leaving`, on egress, after addresses of Services are translated: the sender gets a notice;
 * `queries`, on the client's own machine before the address of a Service is translated.
 */
const places = {
  arriving: [['prerouting', -300]],
  tracked: [['prerouting', -150]],
  leaving: [
    ['output', 0],
    ['forward', 0],
  ],
  queries: [
    ['prerouting', -300],
    ['output', -300],
  ],
} as const

export type Place = keyof typeof places

/** Returns the script that makes the table, all of it or nothing; it stays valid when its line ends become spaces. */
export function tableScript(table: string, place: Place, rules: readonly PacketRule[], fate: Fate): string {
  const lines = rules.flatMap((rule) => statements(rule, fate))
  const chains = places[place].map(
    ([hook, priority]) =>
      `chain ${hook} {\n type filter hook ${hook} priority ${priority}; policy accept;\n ${lines.join(';\n ')};\n};`,
  )
  return `table inet ${table} {\n${chains.join('\n')}\n}`
}

function statements(rule: PacketRule, fate: Fate): string[] {
  const ends = [rule.from && `ip saddr ${rule.from}`, rule.to && `ip daddr ${rule.to}`].filter(Boolean).join(' ')
  const tracked = rule.established ? 'ct direction original ct state established' : ''
  return transports(rule).flatMap((transport) =>
    verdicts(fate, rule.protocol).map((verdict) =>
      [ends, transport, tracked, verdict(rule.label)].filter(Boolean).join(' '),
    ),
  )
}

function transports({ protocol, port, destination }: PacketRule): string[] {
  if (port === undefined) return [protocol ? `meta l4proto ${protocol}` : '']
  const header = protocol ? `meta l4proto ${protocol} th` : 'meta l4proto { tcp, udp } th'
  return destination
    ? [`${header} dport ${port}`]
    : [`${header} dport ${port}`, `${header} dport != ${port} th sport ${port}`]
}

function verdicts(fate: Fate, protocol: 'tcp' | 'udp' | undefined): ((label: string) => string)[] {
  const counted = (end: string, only = '') => {
    return (label: string) => [only, 'counter', end, `comment "${label}"`].filter(Boolean).join(' ')
  }
  switch (fate.do) {
    case 'drop':
      return [counted('drop')]
    case 'reject':
      return [counted('reject with icmpx admin-prohibited')]
    case 'reset': {
      const tcp = counted('reject with tcp reset', protocol ? '' : 'meta l4proto tcp')
      const rest = counted('reject with icmpx port-unreachable', protocol ? '' : 'meta l4proto != tcp')
      return protocol === 'tcp' ? [tcp] : protocol === 'udp' ? [rest] : [tcp, rest]
    }
  }
}

/** Packets by label, from the output of `nft list table`. */
export function countersOf(listing: string): Map<string, number> {
  const counters = new Map<string, number>()
  for (const [, packets, label] of listing.matchAll(/ counter packets (\d+) bytes .* comment "([^"]+)"$/gm)) {
    if (label !== undefined) counters.set(label, (counters.get(label) ?? 0) + Number(packets))
  }
  return counters
}
