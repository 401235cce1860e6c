import { execFile } from 'node:child_process'
import { createSocket, type Socket } from 'node:dgram'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface DatagramSpec {
  readonly address: string
  readonly port: number
  readonly sourcePort: number
  readonly perSecond: number
}

/**
 * Datagrams from one source port that never wait for an answer, as a sender of metrics does: each keeps alive what connection
 * tracking remembers of the first.
 */
export class Datagrams {
  readonly #open = new Map<number, { readonly socket: Socket; readonly timer: NodeJS.Timeout }>()

  async start({ address, port, sourcePort, perSecond }: DatagramSpec): Promise<void> {
    if (this.#open.has(sourcePort)) throw new Error(`datagrams leave from port ${sourcePort} already`)
    const socket = createSocket('udp4')
    // A refusal is told by the next send: that nobody takes them is what some senders have to live with.
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

/** The UDP flows that leave from a port, and who is to answer them. */
export async function flowsFrom(sourcePort: number): Promise<{ to: string; answeredBy: string }[]> {
  const { stdout } = await run('conntrack', ['-L', '-p', 'udp', '--orig-port-src', String(sourcePort)])
  return [
    ...stdout.matchAll(/src=\S+ dst=(\S+) sport=\d+ dport=(\d+) (?:\[UNREPLIED\] )?src=(\S+) dst=\S+ sport=(\d+)/g),
  ].map(([, to, port, by, from]) => ({ to: `${to}:${port}`, answeredBy: `${by}:${from}` }))
}
