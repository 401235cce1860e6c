import type { ClientRequest } from 'node:http'
import { type Agent, request } from 'node:https'
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node'

/** One API server; `name` is its machine. */
export interface ApiServer {
  readonly name: string
  readonly config: KubeConfig
}

/** The server refused or ended a watch with a status; 410 means that the requested version is no longer available. */
export class WatchError extends Error {
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

/** A stream received no data for too long: it may have been dead since `since`. */
export class WatchSilent extends Error {
  readonly since: number

  constructor(since: number, silentMs: number) {
    super(`no data for ${Math.round(silentMs / 1000)} s`)
    this.since = since
  }
}

/** A line is no valid event: the event is lost, so the watch needs a new list. */
export class WatchUnreadable extends Error {}

export interface WatchOptions {
  readonly path: string
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  readonly signal: AbortSignal
  /** Longest time without data. The server is requested to end the stream earlier. */
  readonly idleMs: number
  /** The clock for `WatchSilent.since`, in milliseconds. */
  readonly now: () => number
  /** Called when the server has accepted the watch. */
  readonly onOpen: () => void
}

/**
 * Runs one watch over its own connection and passes each event on as it arrives. Resolves when the server ends it regularly or
 * `signal` aborts.
 * @throws WatchError, WatchSilent, WatchUnreadable, or the connection's error
 */
export async function watchStream(
  { config }: ApiServer,
  { path, query, signal, idleMs, now, onOpen }: WatchOptions,
  onEvent: (type: string, object: KubernetesObject) => void,
): Promise<void> {
  const url = new URL(`${config.getCurrentCluster()?.server ?? ''}${path}`)
  url.searchParams.set('watch', 'true')
  for (const [key, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(key, String(value))
  const options: { agent?: Agent } = {}
  await config.applyToHTTPSOptions(options)
  signal.throwIfAborted()
  await new Promise<void>((resolve, reject) => {
    let receivedAt = now()
    let cause: Error | undefined
    // Destroying the connection makes it emit an error of its own, which hides the cause.
    const died = (error: Error): void => (signal.aborted ? resolve() : reject(cause ?? error))
    const giveUp = (why: Error): void => {
      cause = why
      sent.destroy()
      died(why)
    }
    const sent: ClientRequest = request(url, { ...options, signal, timeout: idleMs }, (response) => {
      const status = response.statusCode ?? 0
      if (status === 200) onOpen()
      const lines = new LineBuffer()
      response.on('data', (chunk: Buffer) => {
        if (cause) return
        receivedAt = now()
        try {
          for (const line of lines.take(chunk)) deliver(status, line, onEvent)
        } catch (error) {
          giveUp(error instanceof Error ? error : new Error(String(error)))
        }
      })
      response.on('end', () => {
        if (status === 200) resolve()
        else reject(new WatchError(`${status} ${lines.rest.slice(0, 200)}`, status))
      })
      response.on('error', died)
    })
    sent.on('timeout', () => giveUp(new WatchSilent(receivedAt, idleMs)))
    sent.on('error', died)
    sent.end()
  })
}

interface WatchEvent {
  readonly type: string
  readonly object: KubernetesObject & { readonly code?: number; readonly message?: string }
}

function deliver(status: number, line: string, onEvent: (type: string, object: KubernetesObject) => void): void {
  if (status !== 200) throw new WatchError(`${status} ${line.slice(0, 200)}`, status)
  const { type, object } = eventOf(line)
  if (type === 'ERROR') throw new WatchError(object.message ?? 'watch error', object.code ?? 0)
  onEvent(type, object)
}

function eventOf(line: string): WatchEvent {
  try {
    const event = JSON.parse(line) as WatchEvent
    if (typeof event.type === 'string' && typeof event.object === 'object') return event
  } catch {
    // Reported below, like JSON that is no event.
  }
  throw new WatchUnreadable(`a line of ${line.length} characters is no event`)
}

/** Splits chunks into lines. */
class LineBuffer {
  #parts: Buffer[] = []

  take(chunk: Buffer): string[] {
    const end = chunk.lastIndexOf(0x0a)
    if (end === -1) {
      this.#parts.push(chunk)
      return []
    }
    const text = Buffer.concat([...this.#parts, chunk.subarray(0, end)]).toString()
    this.#parts = [chunk.subarray(end + 1)]
    return text.split('\n').filter((line) => line !== '')
  }

  /** Data after the last line break. */
  get rest(): string {
    return Buffer.concat(this.#parts).toString()
  }
}
