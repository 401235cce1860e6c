import type { PacketRule } from './packet-rules.ts'

/** What happens to packets on egress, all at once; omitted parts do not happen. The program `impair` reads the same parameters. */
export interface Impairment {
  /** Each packet is delayed by this, plus or minus up to the jitter. */
  readonly delayMs?: number
  readonly jitterMs?: number
  /** Shares of packets, 0 to 100: lost; overtaken by those that come within `reorderMs` after them; duplicated; corrupted. */
  readonly lossPercent?: number
  readonly reorderPercent?: number
  readonly reorderMs?: number
  readonly duplicatePercent?: number
  readonly corruptPercent?: number
  /** Corrupted packets get a valid checksum, so that the receiver accepts them. */
  readonly mendChecksums?: boolean
  readonly rateBytesPerSecond?: number
  /** Packets that would wait longer than this for the rate are dropped. */
  readonly backlogMs?: number
  readonly seed?: number
}

/** Returns whether only the rate is limited: any kernel's own scheduler can do that. */
export function onlyRate({ rateBytesPerSecond, backlogMs: _, seed: __, ...others }: Impairment): boolean {
  return rateBytesPerSecond !== undefined && Object.keys(others).length === 0
}

/** netem can't delay single packets beside a delay for all, and does not compute checksums. */
export function netemCan({ reorderPercent, mendChecksums }: Impairment): boolean {
  return reorderPercent === undefined && mendChecksums !== true
}

/** A rate for packets without a limit: HTB requires one, and no cluster network comes near it. */
const unlimitedBytesPerSecond = 5e9
const defaultBacklogMs = 1_000

/**
 * Returns the lines for `tc -batch` that make a device impair the packets of the rules. Holdfast's HTB root passes all
 * packets that no filter sends to its one class.
 */
export function tcLines(
  device: string,
  handle: string,
  rules: readonly PacketRule[],
  impairment: Impairment,
): string[] {
  const { rateBytesPerSecond, backlogMs = defaultBacklogMs } = impairment
  const rate = Math.round((rateBytesPerSecond ?? unlimitedBytesPerSecond) * 8)
  const on = `dev ${device}`
  const leaf = leafOf(handle)
  const inner = onlyRate(impairment)
    ? `bfifo limit ${Math.max(3_000, Math.round(((rateBytesPerSecond ?? 0) * backlogMs) / 1000))}`
    : `netem limit 100000${netemOptions(impairment)}`
  return [
    `qdisc add ${on} root handle ${handle}: htb default 0`,
    `class add ${on} parent ${handle}: classid ${handle}:1 htb rate ${rate}bit burst 3000b cburst 3000b`,
    `qdisc add ${on} parent ${handle}:1 handle ${leaf}: ${inner}`,
    ...rules.flatMap((rule) =>
      filters(rule).map(
        (match) => `filter add ${on} parent ${handle}: protocol ip prio 1 u32${match} flowid ${handle}:1`,
      ),
    ),
  ]
}

function netemOptions({ delayMs, jitterMs, lossPercent, duplicatePercent, corruptPercent }: Impairment): string {
  const delay = delayMs === undefined && jitterMs === undefined ? '' : ` delay ${delayMs ?? 0}ms ${jitterMs ?? 0}ms`
  const share = (name: string, percent: number | undefined): string =>
    percent === undefined ? '' : ` ${name} ${percent}%`
  return [
    delay,
    share('loss', lossPercent),
    share('duplicate', duplicatePercent),
    share('corrupt', corruptPercent),
  ].join('')
}

/** One filter for each end of a port: u32 has no "or". */
function filters({ from, to, protocol, port, destination }: PacketRule): string[] {
  const ends = [from && ` match ip src ${from}`, to && ` match ip dst ${to}`].filter(Boolean).join('')
  const number = { tcp: 6, udp: 17 } as const
  const transport = protocol ? ` match ip protocol ${number[protocol]} 0xff` : ''
  if (port === undefined) return [ends + transport]
  return [...(destination ? [] : ['sport']), 'dport'].map((end) => `${ends}${transport} match ip ${end} ${port} 0xffff`)
}

/** Derives a number from a fault's name, to find again what has a number and no name in the kernel. */
function numberOf(table: string, below: number): number {
  let hash = 0
  for (const letter of table) hash = (hash * 31 + letter.charCodeAt(0)) % 0xffff
  return hash % below
}

/** Handle of Holdfast's root qdisc as tc writes it, in hex; the leaf's is one up in the first digits. */
export const handleOf = (table: string): string => (0x4800 + numberOf(table, 0x100)).toString(16)

/** Number of Holdfast's queue. */
export const queueOf = (table: string): number => 0x4800 + numberOf(table, 0x800)

/** Handle of the qdisc inside the root's class. */
export const leafOf = (handle: string): string => (Number.parseInt(handle, 16) + 0x100).toString(16)
