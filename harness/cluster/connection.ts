import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Event, FromMachine, Methods } from './agent/protocol.ts'

type Params<M extends keyof Methods> = Parameters<Methods[M]>[0]
type Result<M extends keyof Methods> = ReturnType<Methods[M]>

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: Error) => void
}

/** Our end of the stream into a machine (or, from there, into a pod): numbered requests out, answers and events in. */
export class Connection {
  readonly #out: Writable
  readonly #waiting = new Map<number, Waiting>()
  #next = 1
  #closed: Error | undefined
  readonly #onClosed: (() => void)[] = []

  constructor(from: Readable, to: Writable, onEvent: (event: Event) => void) {
    this.#out = to
    to.on('error', () => this.#close())
    const lines = createInterface({ input: from, crlfDelay: Infinity })
    lines.on('line', (line) => {
      const message = parsed(line)
      // Whoever speaks here is not the agent: an engine that could not start it says so in words.
      if (!message) return this.#close(line)
      if ('event' in message) return onEvent(message)
      const waiting = this.#waiting.get(message.id)
      this.#waiting.delete(message.id)
      if ('error' in message) waiting?.reject(new Error(message.error))
      else waiting?.resolve(message.result)
    })
    lines.on('close', () => this.#close())
    from.on('error', () => this.#close())
  }

  get open(): boolean {
    return this.#closed === undefined
  }

  /** @throws what the other end says, or that the stream is closed */
  call<M extends keyof Methods>(method: M, params: Params<M>): Promise<Result<M>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) return reject(this.#closed)
      const id = this.#next++
      this.#waiting.set(id, { resolve: resolve as (result: unknown) => void, reject })
      this.#out.write(`${JSON.stringify({ id, method, params })}\n`)
    })
  }

  /** Called when the stream ends, whoever ended it. */
  onceClosed(listener: () => void): void {
    if (this.#closed) listener()
    else this.#onClosed.push(listener)
  }

  /** An engine may never close its end of what it has nobody left to speak for, and that keeps a process alive: ours is not left to it. */
  close(): void {
    this.#out.end(() => void this.#out.destroy())
    this.#close()
  }

  #close(why = 'the stream into the machine is closed'): void {
    this.#closed ??= new Error(why)
    for (const { reject } of this.#waiting.values()) reject(this.#closed)
    this.#waiting.clear()
    for (const listener of this.#onClosed.splice(0)) listener()
  }
}

function parsed(line: string): FromMachine | undefined {
  try {
    return JSON.parse(line) as FromMachine
  } catch {
    return undefined
  }
}
