import { eventually } from '../../../../harness/common/eventually.ts'
import type { Place, PodPair } from './pod-pair.ts'

/** Counters of the kernels of two pods during a transfer from one to the other. */
export interface Transfer {
  /** Received bytes, and how many of them were wrong. */
  readonly bytes: number
  readonly wrong: number
  readonly ms: number
  /** Retransmitted segments. */
  readonly sentAgain: number
  /** At the receiver: duplicate segments, and segments that arrived out of order. */
  readonly twice: number
  readonly outOfOrder: number
}

const port = 9_098

/** Sends `bytes` over one TCP connection from the worker's pod to the master's, in packets of about 1.5 kB. */
export async function transfer(pair: PodPair, bytes: number): Promise<Transfer> {
  const received = pair.inPod('master', `timeout 25 socat -u TCP-LISTEN:${port},reuseaddr - | tr '\\0' x`, 30_000)
  await listen(pair, 'tcp', port)
  const before = await counters(pair)
  const began = performance.now()
  await pair.inPod(
    'worker',
    `head -c ${bytes} /dev/zero | socat -u - TCP:${pair.pod('master').address}:${port}`,
    30_000,
  )
  const text = await received
  const ms = performance.now() - began
  const after = await counters(pair)
  const more = (place: Place, name: string): number => (after[place].get(name) ?? 0) - (before[place].get(name) ?? 0)
  return {
    bytes: text.length,
    wrong: text.replaceAll('x', '').length,
    ms,
    sentAgain: more('worker', 'Tcp.RetransSegs'),
    twice: more('master', 'TcpExt.TCPDSACKOldSent') + more('master', 'TcpExt.TCPDSACKOfoSent'),
    outOfOrder: more('master', 'TcpExt.TCPOFOQueue'),
  }
}

/** Waits until a process listens in the master's pod. */
export async function listen(pair: PodPair, protocol: 'tcp' | 'udp', at: number): Promise<void> {
  const hex = `:${at.toString(16).toUpperCase().padStart(4, '0')} `
  await eventually(
    `a process to listen on ${protocol} ${at}`,
    async () => (await pair.inPod('master', `cat /proc/net/${protocol} /proc/net/${protocol}6`)).includes(hex),
    { timeoutMs: 5_000, intervalMs: 50 },
  )
}

async function counters(pair: PodPair): Promise<Record<Place, Map<string, number>>> {
  const of = async (place: Place) => countersIn(await pair.inPod(place, 'cat /proc/net/snmp /proc/net/netstat'))
  return { worker: await of('worker'), master: await of('master') }
}

/** Parses two lines per protocol: names, then values. */
function countersIn(text: string): Map<string, number> {
  const lines = text.split('\n').map((line) => line.split(' '))
  const found = new Map<string, number>()
  for (let n = 0; n + 1 < lines.length; n += 2) {
    const [names = [], figures = []] = [lines[n], lines[n + 1]]
    for (const [at, name] of names.entries()) found.set(`${names[0]?.replace(':', '')}.${name}`, Number(figures[at]))
  }
  return found
}
