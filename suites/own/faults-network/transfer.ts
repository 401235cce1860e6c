import { eventually } from '../../../harness/eventually.ts'
import type { Place, PodPair } from './pod-pair.ts'

/** What the kernels of two pods have counted by themselves while something was sent from one to the other. */
export interface Transfer {
  /** How much has arrived, and how much of it was not as it was sent. */
  readonly bytes: number
  readonly wrong: number
  readonly ms: number
  /** Segments that the sender sent again. */
  readonly sentAgain: number
  /** At the receiver: segments that it had already, and that came before others that were sent earlier. */
  readonly twice: number
  readonly outOfOrder: number
}

const port = 9_098

/** Sends that much over one TCP connection from the worker's pod to the master's. It takes as many packets as there are kilobytes and a half. */
export async function transfer(pair: PodPair, bytes: number): Promise<Transfer> {
  const received = pair.inPod('master', `timeout 25 socat -u TCP-LISTEN:${port},reuseaddr - | tr '\\0' x`, 30_000)
  await listening(pair, 'tcp', port)
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

/** Waits until somebody listens on the master's pod. */
export async function listening(pair: PodPair, protocol: 'tcp' | 'udp', at: number): Promise<void> {
  const hex = `:${at.toString(16).toUpperCase().padStart(4, '0')} `
  await eventually(
    `somebody to listen on ${protocol} ${at}`,
    async () => (await pair.inPod('master', `cat /proc/net/${protocol} /proc/net/${protocol}6`)).includes(hex),
    { withinMs: 5_000, everyMs: 50 },
  )
}

async function counters(pair: PodPair): Promise<Record<Place, Map<string, number>>> {
  const of = async (place: Place) => countersIn(await pair.inPod(place, 'cat /proc/net/snmp /proc/net/netstat'))
  return { worker: await of('worker'), master: await of('master') }
}

/** Two lines a protocol: names, then figures. */
function countersIn(text: string): Map<string, number> {
  const lines = text.split('\n').map((line) => line.split(' '))
  const found = new Map<string, number>()
  for (let n = 0; n + 1 < lines.length; n += 2) {
    const [names = [], figures = []] = [lines[n], lines[n + 1]]
    for (const [at, name] of names.entries()) found.set(`${names[0]?.replace(':', '')}.${name}`, Number(figures[at]))
  }
  return found
}
