import { createSocket, type Socket } from 'node:dgram'
import { command } from '../processes/command.ts'

export interface DatagramSpec {
  readonly address: string
  readonly port: number
  readonly sourcePort: number
  readonly perSecond: number
}

export type FlowSpec = Pick<DatagramSpec, 'sourcePort' | 'address'>

/**
 * Sends datagrams from one source port and never waits for an answer, as a sender of metrics does: each keeps the conntrack
 * entry of the first alive.
 */
export class Datagrams {
  readonly #open = new Map<number, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>()

  async start({ address, port, sourcePort, perSecond }: DatagramSpec): Promise<void> {
    if (this.#open.has(sourcePort)) throw new Error(`datagrams already leave from port ${sourcePort}`)
    const socket = createSocket('udp4')
    // The next send reports a refusal. Some senders have no receiver and continue.
    socket.on('error', () => undefined)
    await new Promise<void>((resolve) => void socket.bind(sourcePort, resolve))
    const timer = setInterval(() => socket.send('hostname', port, address, () => undefined), 1000 / perSecond)
    this.#open.set(sourcePort, { socket, timer })
  }

  stop(): void {
    for (const { socket, timer } of this.#open.values()) {
      clearInterval(timer)
      socket.close()
    }
    this.#open.clear()
  }
}

/**
 * Returns the UDP flows from a port to an address, and the endpoint of each. A port alone is ambiguous: masqueraded senders
 * have random ones, possibly the same.
 */
export async function flowsOf({ sourcePort, address }: FlowSpec): Promise<{ to: string; answeredBy: string }[]> {
  const filter = ['-p', 'udp', '--orig-dst', address, '--orig-port-src', String(sourcePort)]
  const listed = await command('conntrack', ['-L', ...filter])
  return [
    ...listed.matchAll(/src=\S+ dst=(\S+) sport=\d+ dport=(\d+) (?:\[UNREPLIED\] )?src=(\S+) dst=\S+ sport=(\d+)/g),
  ].map(([, to, port, by, from]) => ({ to: `${to}:${port}`, answeredBy: `${by}:${from}` }))
}
