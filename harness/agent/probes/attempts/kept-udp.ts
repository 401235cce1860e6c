import { createSocket, type Socket } from 'node:dgram'
import type { Ports } from '../fresh-ports.ts'
import { type Begin, failure, type Failure, type Outcome, portTaken, type Target } from './attempt.ts'

interface Waiting {
  readonly ended: (outcome: Outcome) => void
  /** Sent once the socket is connected. */
  readonly send: () => void
}

/**
 * One socket for all attempts, as clients of DNS or metrics have it: its datagrams are one flow, whose backend was chosen
 * once. Clients keep a socket after a lost answer, so this one stays and shows what becomes of the flow when its backend is
 * gone. Datagrams get lost and reordered, so each attempt has a number that the server echoes, and requests the backend's
 * name too.
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
      // An ICMP error for the first datagram is returned by the second send, if that is later.
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
    socket.on('message', (message) => this.#receive(message.toString().trim()))
    socket.on('error', (error: NodeJS.ErrnoException) => {
      if (socket !== this.#socket) return
      if (!this.#standing && portTaken(error)) {
        socket.close()
        this.#open()
      } else this.#refused(failure(error))
    })
    const { port, address } = this.#target
    // Connected, so that a refusal by ICMP is an error and not a time-out.
    socket.bind(this.#sourcePort, () => socket === this.#socket && socket.connect(port, address, () => this.#stand()))
  }

  #stand(): void {
    this.#standing = true
    for (const { send } of this.#waiting.values()) send()
  }

  #receive(text: string): void {
    if (text.startsWith('#')) this.#end(text, { backend: this.#backend })
    else this.#backend = text
  }

  /** A refusal does not name its datagram but arrives at once: it belongs to the newest attempt, which has sent two. */
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
