import type { ClientRequest } from 'node:http'
import { type Agent, request } from 'node:https'
import type { KubeConfig, KubernetesObject } from '@kubernetes/client-node'

/** One API server, watched by itself; `name` is its machine. */
export interface ApiServer {
  readonly name: string
  readonly config: KubeConfig
}

/** A watch that the server refused or ended with a status of its own; 410 means that the version asked for is gone. */
export class WatchError extends Error {
  readonly code: number

  constructor(message: string, code: number) {
    super(message)
    this.code = code
  }
}

/** A stream on which nothing came for too long: it may have been dead since `since`. */
export class WatchSilent extends Error {
  readonly since: number

  constructor(since: number, silentMs: number) {
    super(`nothing was heard for ${Math.round(silentMs / 1000)} s`)
    this.since = since
  }
}

/** A line that is no event: what it was is lost, so the watch has to begin anew. */
export class WatchUnreadable extends Error {}

export interface WatchOptions {
  readonly path: string
  readonly query: Readonly<Record<string, string | number | boolean | undefined>>
  readonly signal: AbortSignal
  /** How long a stream may be silent. The server is asked to end it in good order before. */
  readonly idleMs: number
  /** Milliseconds, of the clock that `WatchSilent` tells. */
  readonly now: () => number
  /** Called when the server has agreed to tell. */
  readonly onOpen: () => void
}

/**
 * One watch over a connection of its own: a line an event, handed on when it has come. Resolves when the server ends it in
 * good order or `signal` is aborted.
 * @throws WatchError, WatchSilent, WatchUnreadable, or what the connection died of
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
    let heardAt = now()
    let cause: Error | undefined
    // A connection that we end ourselves dies of something else than the reason for it.
    const died = (error: Error): void => (signal.aborted ? resolve() : reject(cause ?? error))
    const give = (why: Error): void => {
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
        heardAt = now()
        try {
          for (const line of lines.take(chunk)) tell(status, line, onEvent)
        } catch (error) {
          give(error instanceof Error ? error : new Error(String(error)))
        }
      })
      response.on('end', () => {
        if (status === 200) resolve()
        else reject(new WatchError(`${status} ${lines.rest.slice(0, 200)}`, status))
      })
      response.on('error', died)
    })
    sent.on('timeout', () => give(new WatchSilent(heardAt, idleMs)))
    sent.on('error', died)
    sent.end()
  })
}

interface WatchEvent {
  readonly type: string
  readonly object: KubernetesObject & { readonly code?: number; readonly message?: string }
}

function tell(status: number, line: string, onEvent: (type: string, object: KubernetesObject) => void): void {
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
    // Told below, as is JSON that is no event.
  }
  throw new WatchUnreadable(`a line of ${line.length} characters is no event`)
}

/** Whole lines out of chunks that end anywhere. */
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

  /** What came after the last line's end. */
  get rest(): string {
    return Buffer.concat(this.#parts).toString()
  }
}
