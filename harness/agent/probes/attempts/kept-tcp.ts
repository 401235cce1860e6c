import { connect, type Socket } from 'node:net'
import type { Ports } from '../fresh-ports.ts'
import { type Begin, failure, type Failure, type Outcome, portTaken, type Target } from './attempt.ts'
import { firstAnswer, requests } from './http-answer.ts'

type Ended = (outcome: Outcome) => void

/**
 * One connection for all attempts, as clients with keep-alive have it: its backend was chosen once. Requests are sent when
 * due, whether or not the last one was answered. A connection that broke, or on which an attempt was given up, is
 * abandoned; the next attempt opens another.
 */
export class KeptTcp {
  readonly #target: Target
  readonly #ports: Ports
  #current: KeptConnection | undefined

  constructor(target: Target, ports: Ports) {
    this.#target = target
    this.#ports = ports
  }

  readonly begin: Begin = (ended) => {
    if (!this.#current?.usable) this.#current = new KeptConnection(this.#target, this.#ports)
    const connection = this.#current
    connection.sendRequest(ended)
    return { giveUp: () => connection.giveUp(ended) }
  }

  close(): void {
    this.#current?.close({ error: 'the probe has ended', errorClass: 'closed' })
  }
}

class KeptConnection {
  readonly #waiting: Ended[] = []
  readonly #target: Target
  readonly #ports: Ports
  #socket: Socket
  #sourcePort = 0
  #text = ''
  #usable = true

  constructor(target: Target, ports: Ports) {
    this.#target = target
    this.#ports = ports
    this.#socket = this.#connect()
  }

  get usable(): boolean {
    return this.#usable
  }

  sendRequest(ended: Ended): void {
    this.#waiting.push(ended)
    this.#socket.write(requests.hostnameAgain)
  }

  giveUp(ended: Ended): void {
    if (!this.#waiting.includes(ended)) return
    this.close(
      this.#socket.connecting
        ? { error: 'no connection in time', errorClass: 'no-connection' }
        : { error: 'no answer in time', errorClass: 'no-answer' },
    )
  }

  /** Ends the attempts that still wait, with this failure. */
  close(why: Failure): void {
    this.#usable = false
    this.#socket.destroy()
    for (const ended of this.#waiting.splice(0)) ended({ ...why, sourcePort: this.#sourcePort })
  }

  #connect(): Socket {
    this.#sourcePort = this.#ports.take()
    const { address, port } = this.#target
    const socket = connect({ host: address, port, localPort: this.#sourcePort, noDelay: true })
    socket.on('error', (error) => {
      if (this.#usable && portTaken(error)) {
        this.#socket = this.#connect()
        for (const _ of this.#waiting) this.#socket.write(requests.hostnameAgain)
      } else this.close(failure(error))
    })
    socket.on('close', () => {
      if (socket === this.#socket) this.close({ error: 'closed without an answer', errorClass: 'closed' })
    })
    socket.on('data', (chunk) => this.#receive(chunk.toString('latin1')))
    return socket
  }

  #receive(text: string): void {
    this.#text += text
    for (;;) {
      const answer = firstAnswer(this.#text)
      if (!answer) return
      this.#text = answer.rest
      this.#waiting.shift()?.({ ...answer.outcome, sourcePort: this.#sourcePort })
    }
  }
}
