import { createSocket, type Socket } from 'node:dgram'
import type { Ports } from '../fresh-ports.ts'
import { type Begin, failure, type Failure, type Outcome, portTaken, type Target } from './attempt.ts'

interface Waiting {
  readonly ended: (outcome: Outcome) => void
  /** Sent once the socket stands. */
  readonly send: () => void
}

/**
 * One socket for all tries, as clients of names or metrics have it: its datagrams are one flow, whose backend was chosen once.
 * Nobody leaves a socket because an answer did not come, so this one stays: what becomes of the flow when its backend goes is
 * what is to be seen. Datagrams get lost and overtake each other, so each try has a number that is echoed; who answers is
 * asked along with it.
 */
export class KeptUdp {
  readonly #target: Target
  readonly #ports: Ports
  readonly #waiting = new Map<string, Waiting>()
  #socket: Socket | undefined
  #standing = false
  #sourcePort = 0
  #backend = ''
  #tries = 0

  constructor(target: Target, ports: Ports) {
    this.#target = target
    this.#ports = ports
  }

  readonly begin: Begin = (ended) => {
    const number = `#${++this.#tries}`
    const send = (): void => {
      // What came back on the first is told by the second, if that goes out later.
      const sent = (error: Error | null): void => {
        if (error) this.#end(number, failure(error))
      }
      this.#socket?.send('hostname', sent)
      this.#socket?.send(`echo ${number}`, sent)
    }
    this.#waiting.set(number, { ended, send })
    if (!this.#socket) this.#open()
    else if (this.#standing) send()
    return { giveUp: () => this.#end(number, { error: 'no answer in time', errorClass: 'no-answer' }) }
  }

  close(): void {
    this.#socket?.close()
    this.#socket = undefined
    for (const number of this.#waiting.keys()) this.#end(number, { error: 'the probe has ended', errorClass: 'closed' })
  }

  #open(): void {
    this.#sourcePort = this.#ports.take()
    const socket = createSocket('udp4')
    this.#socket = socket
    socket.on('message', (message) => this.#hear(message.toString().trim()))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (socket !== this.#socket) return
      if (!this.#standing && portTaken(error)) {
        socket.close()
        this.#open()
      } else this.#refused(failure(error))
    })
    const { port, address } = this.#target
    // Connected, so that a refusal by ICMP is told as an error and not as a time-out.
    socket.bind(this.#sourcePort, () => socket === this.#socket && socket.connect(port, address, () => this.#stand()))
  }

  #stand(): void {
    this.#standing = true
    for (const { send } of this.#waiting.values()) send()
  }

  #hear(text: string): void {
    if (text.startsWith('#')) this.#end(text, { backend: this.#backend })
    else this.#backend = text
  }

  /** A refusal does not say of which datagram, but it comes at once: it is the newest try's, which has sent two of them. */
  #refused(why: Failure): void {
    this.#end(`#${this.#tries}`, why)
  }

  #end(number: string, outcome: Outcome): void {
    const waiting = this.#waiting.get(number)
    if (!waiting) return
    this.#waiting.delete(number)
    waiting.ended({ ...outcome, sourcePort: this.#sourcePort })
  }
}
