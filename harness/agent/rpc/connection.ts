import type { Readable, Writable } from 'node:stream'
import { HoldfastError } from '../../common/errors.ts'
import { readLines } from '../../common/lines.ts'
import type { Answer, Event, FromMachine, Methods } from './protocol.ts'
import { deadlineOf } from './call-deadlines.ts'

type Params<M extends keyof Methods> = Parameters<Methods[M]>[0]
type Result<M extends keyof Methods> = ReturnType<Methods[M]>

export interface CallOptions {
  /** Default: the call's deadline in call-deadlines.ts. */
  readonly timeoutMs?: number
  /** Ends the caller's wait; the agent continues what it has begun. */
  readonly signal?: AbortSignal | undefined
}

interface Waiting {
  readonly resolve: (result: unknown) => void
  readonly reject: (error: unknown) => void
}

/** The harness's end of the stream into a machine (or, from there, into a pod): numbered requests out, answers and events in. */
export class Connection {
  /** Name of the other end, for errors. */
  readonly #name: string
  readonly #out: Writable
  readonly #waiting = new Map<number, Waiting>()
  #next = 1
  #closed: Error | undefined
  readonly #onClosed: (() => void)[] = []

  constructor(name: string, from: Readable, to: Writable, onEvent: (event: Event) => void) {
    this.#name = name
    this.#out = to
    to.on('error', () => this.#close())
    const lines = readLines(from, (line) => {
      const message = parsed(line)
      // A line that is not a message does not come from the agent: an engine that could not start it writes the reason.
      if (!message) return this.#close(line.trim())
      if ('event' in message) return onEvent(message)
      this.#answered(message)
    })
    lines.then(
      () => this.#close(),
      (error: Error) => this.#close(`the stream into the machine is closed: ${error.message}`),
    )
  }

  get open(): boolean {
    return this.#closed === undefined
  }

  /**
   * @throws the other end's error, or that the stream is closed
   * @throws HoldfastError HF_AGENT_SILENT when it does not answer in time; the request may be carried out all the same
   */
  async call<M extends keyof Methods>(method: M, params: Params<M>, options: CallOptions = {}): Promise<Result<M>> {
    const { timeoutMs = deadlineOf(method, params), signal } = options
    signal?.throwIfAborted()
    if (this.#closed) throw this.#closed
    const id = this.#next++
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    this.#waiting.set(id, { resolve, reject })
    const timer =
      timeoutMs < Infinity ? setTimeout(() => reject(this.#silent(method, timeoutMs)), timeoutMs) : undefined
    const abort = (): void => reject(signal?.reason)
    signal?.addEventListener('abort', abort, { once: true })
    this.#out.write(`${JSON.stringify({ id, method, params })}\n`)
    try {
      return (await promise) as Result<M>
    } finally {
      this.#waiting.delete(id)
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Calls the listener when the stream ends, for any reason. */
  onceClosed(listener: () => void): void {
    if (this.#closed) listener()
    else this.#onClosed.push(listener)
  }

  /** Closes this end. An engine may never close its own end after the other end is gone, and an open stream keeps this process alive. */
  close(): void {
    this.#out.end(() => void this.#out.destroy())
    this.#close()
  }

  /** An answer to a call that was given up has no waiting caller and is dropped. */
  #answered(answer: Answer): void {
    const waiting = this.#waiting.get(answer.id)
    if ('error' in answer) waiting?.reject(new Error(answer.error))
    else waiting?.resolve(answer.result)
  }

  #silent(method: keyof Methods, timeoutMs: number): HoldfastError {
    const message = `The agent in ${this.#name} did not answer "${method}" within ${timeoutMs} ms.`
    return new HoldfastError('HF_AGENT_SILENT', message, {
      hint: 'A frozen machine answers once it is thawed. Check the machine with `docker top` and `docker logs`.',
    })
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
