import type { PacketRule } from './packet-rules.ts'

/*
 * iptables rules that pass packets to a Holdfast program: some kernels have its NFQUEUE and lack that of nftables. They are
 * in a chain named after the fault, with one jump to it, which has the name in its comment.
 */

export interface Queue {
  readonly queue: number
  /** Packets with this mark are the program's own copies: they pass, and connection tracking skips them. */
  readonly mark: number
}

/** Chain names have at most 28 letters; only the last part of a fault's name is unique. */
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

/** The one jump to the fault's chain. */
export const jump = (name: string): string => `-m comment --comment ${name} -j ${chainOf(name)}`
/** Copies already have their last address; connection tracking would take them for a new flow. */
export const untracked = (name: string, mark: number): string =>
  `-m mark --mark ${mark} -m comment --comment ${name} -j CT --notrack`

function matches({ from, to, protocol, port }: PacketRule): string[] {
  const ends = `${from ? `-s ${from} ` : ''}${to ? `-d ${to} ` : ''}`
  const protocols = protocol ? [protocol] : port === undefined ? [] : (['tcp', 'udp'] as const)
  if (protocols.length === 0) return [ends]
  return protocols.map((one) => `${ends}-p ${one} ${port === undefined ? '' : `-m multiport --ports ${port} `}`)
}

/** Packets by label, from the output of `iptables-save -c`; undefined when the chain is missing. */
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
