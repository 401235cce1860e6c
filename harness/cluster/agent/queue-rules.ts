import type { PacketRule } from './packet-rules.ts'

/*
 * Rules that hand packets to a program of ours, by iptables: kernels have its NFQUEUE where they lack that of nftables. They
 * stand in a chain of our own name, to which one jump leads, with our name in its comment.
 */

export interface Queue {
  readonly queue: number
  /** Packets with this mark are the program's own copies: they pass, and connection tracking does not see them. */
  readonly mark: number
}

/** Names of chains have 28 letters at most; a lease's last part is what no other lease has. */
export const chainOf = (name: string): string => `HOLDFAST-${name.split('_').at(-1)?.slice(0, 16)}`

/** For `iptables-restore --noflush`: all of a table's lines or none. */
export function queueScript(name: string, rules: readonly PacketRule[], { queue, mark }: Queue): string {
  const chain = chainOf(name)
  return [
    '*mangle',
    `:${chain} - [0:0]`,
    `-A ${chain} -m mark --mark ${mark} -j RETURN`,
    ...rules.flatMap((rule) =>
      matches(rule).map(
        (match) =>
          `-A ${chain} ${match}-m comment --comment "${rule.label}" -j NFQUEUE --queue-num ${queue} --queue-bypass`,
      ),
    ),
    `-A POSTROUTING ${jump(name)}`,
    'COMMIT',
    '*raw',
    `-A OUTPUT ${untracked(name, mark)}`,
    'COMMIT',
    '',
  ].join('\n')
}

/** The one jump into our chain. */
export const jump = (name: string): string => `-m comment --comment ${name} -j ${chainOf(name)}`
/** Copies have their last address already; connection tracking would take them for the start of something new. */
export const untracked = (name: string, mark: number): string =>
  `-m mark --mark ${mark} -m comment --comment ${name} -j CT --notrack`

function matches({ from, to, protocol, port }: PacketRule): string[] {
  const ends = `${from ? `-s ${from} ` : ''}${to ? `-d ${to} ` : ''}`
  const protocols = protocol ? [protocol] : port === undefined ? [] : (['tcp', 'udp'] as const)
  if (protocols.length === 0) return [ends]
  return protocols.map((one) => `${ends}-p ${one} ${port === undefined ? '' : `-m multiport --ports ${port} `}`)
}

/** Packets by label, from what `iptables-save -c` says; undefined where our chain is not there. */
export function queuedOf(saved: string, name: string): Map<string, number> | undefined {
  const chain = chainOf(name)
  if (!saved.includes(`:${chain} `)) return undefined
  const counters = new Map<string, number>()
  for (const line of saved.split('\n')) {
    const rule = /^\[(\d+):\d+\] -A (\S+) .*--comment "?([^"]+?)"? -j NFQUEUE/.exec(line)
    const [, packets, at, label] = rule ?? []
    if (at === chain && label) counters.set(label, (counters.get(label) ?? 0) + Number(packets))
  }
  return counters
}
