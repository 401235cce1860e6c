import type { PacketRule } from './packet-rules.ts'

/**
 * What happens to packets on their way, all at once; what is left out does not happen. These are also the parameters that
 * the program `impair` reads.
 */
export interface Impairment {
  /** Each packet is late by this, plus or minus up to the jitter. */
  readonly delayMs?: number
  readonly jitterMs?: number
  /** Shares of packets, 0 to 100: gone; overtaken by those that come within `reorderMs` after them; sent twice; damaged. */
  readonly lossPercent?: number
  readonly reorderPercent?: number
  readonly reorderMs?: number
  readonly duplicatePercent?: number
  readonly corruptPercent?: number
  /** Damaged packets get a right checksum, so that the receiver takes them for good. */
  readonly mendChecksums?: boolean
  readonly rateBytesPerSecond?: number
  /** Packets that would wait longer than this for the rate are dropped. */
  readonly backlogMs?: number
  readonly seed?: number
}

/** Only the rate is limited: any kernel's own scheduler can do that. */
export function onlyRate({ rateBytesPerSecond, backlogMs: _, seed: __, ...others }: Impairment): boolean {
  return rateBytesPerSecond !== undefined && Object.keys(others).length === 0
}

/** netem can't make one packet late by itself beside a delay for all, and knows nothing of checksums. */
export function netemCan({ reorderPercent, mendChecksums }: Impairment): boolean {
  return reorderPercent === undefined && mendChecksums !== true
}

/** A rate for packets whose rate is not to be limited: HTB wants one, and none of our networks comes near it. */
const unlimitedBytesPerSecond = 5e9
const defaultBacklogMs = 1_000

/**
 * The lines for `tc -batch` that make a device impair the packets that rules are about, and leave the rest alone: an HTB
 * root of ours lets by what no filter sends to its one class.
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

/** One filter a port's end: u32 knows no "or". */
function filters({ from, to, protocol, port, destination }: PacketRule): string[] {
  const ends = [from && ` match ip src ${from}`, to && ` match ip dst ${to}`].filter(Boolean).join('')
  const number = { tcp: 6, udp: 17 } as const
  const transport = protocol ? ` match ip protocol ${number[protocol]} 0xff` : ''
  if (port === undefined) return [ends + transport]
  return [...(destination ? [] : ['sport']), 'dport'].map((end) => `${ends}${transport} match ip ${end} ${port} 0xffff`)
}

/** A number that follows from a lease's name in the kernel: what takes numbers and no names is found again by it. */
function numberOf(table: string, below: number): number {
  let hash = 0
  for (const letter of table) hash = (hash * 31 + letter.charCodeAt(0)) % 0xffff
  return hash % below
}

/** Handle of our root qdisc as tc writes it, in hex; the next one up in the first digits is its leaf's. */
export const handleOf = (table: string): string => (0x4800 + numberOf(table, 0x100)).toString(16)

/** Number of our queue. */
export const queueOf = (table: string): number => 0x4800 + numberOf(table, 0x800)

/** Handle of the qdisc inside our root's class. */
export const leafOf = (handle: string): string => (Number.parseInt(handle, 16) + 0x100).toString(16)
