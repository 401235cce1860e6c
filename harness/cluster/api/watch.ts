import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { KubernetesObject } from '@kubernetes/client-node'
import { parsedJson } from '../../common/json-answer.ts'
import { readLines } from '../../common/lines.ts'
import { now } from '../../record/clock.ts'
import { answerText } from './api-answer.ts'
import { type Addressed, credentialsOf } from './api-request.ts'

/** The server refused or ended a watch with a status. */
class WatchError extends Error {
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

/** A line is no valid event: the event is lost. */
export class WatchUnreadable extends Error {}

/** Returns whether the requested version is no longer available. */
export function isGone(error: unknown): boolean {
  return error instanceof WatchError && error.code === 410
}

interface WatchOptions {
  readonly signal: AbortSignal
  /** Longest time without data. The server is requested to end the stream earlier. */
  readonly idleMs: number
  /** Called when the server has accepted the watch. */
  readonly onOpen?: () => void
}

/** An event of any type but ERROR, which is an error of the watch. */
export type WatchListener = (type: string, object: KubernetesObject) => void

/**
 * Runs one watch and passes each event on as it arrives. Resolves when the server ends it regularly or `signal` aborts.
 * @throws WatchError, WatchSilent, WatchUnreadable, the connection's error, or an error of `onEvent`
 */
export function watchEvents(
  server: Addressed,
  path: string,
  query: Readonly<Record<string, string | number | boolean | undefined>>,
  options: WatchOptions,
  onEvent: WatchListener,
): Promise<void> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  const search = new URLSearchParams([['watch', '1'], ...given.map(([key, value]) => [key, String(value)])])
  return watchLines(server, `${path}?${search}`, options, (line) => {
    const { type, object } = eventOf(line)
    if (type === 'ERROR') throw new WatchError(object.message ?? 'watch error', object.code ?? 0)
    onEvent(type, object)
  })
}

/** The same with the lines as the server sent them, over a connection of its own. */
export async function watchLines(
  server: Addressed,
  path: string,
  { signal, idleMs, onOpen = () => undefined }: WatchOptions,
  onLine: (line: string) => void,
): Promise<void> {
  if (signal.aborted) return
  let receivedAt = now()
  let response: IncomingMessage | undefined
  const sent = request(server.url + path, { ...credentialsOf(server), agent: false, signal, timeout: idleMs })
  sent.on('timeout', () => (response ?? sent).destroy(new WatchSilent(receivedAt, idleMs)))
  try {
    const responded = once(sent, 'response') as Promise<[IncomingMessage]>
    sent.end()
    ;[response] = await responded
    // A broken connection is an error of the response too.
    sent.on('error', () => undefined)
    const status = response.statusCode ?? 0
    if (status !== 200) throw new WatchError(answerText({ status, body: await text(response) }), status)
    onOpen()
    response.on('data', () => (receivedAt = now()))
    await readLines(response, (line) => {
      try {
        onLine(line)
      } catch (error) {
        response?.destroy(error as Error)
      }
    })
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    sent.destroy()
  }
}

interface WatchEvent {
  readonly type: string
  readonly object: KubernetesObject & { readonly code?: number; readonly message?: string }
}

function eventOf(line: string): WatchEvent {
  const event = parsedJson(line) as Partial<WatchEvent> | null | undefined
  if (typeof event?.type === 'string' && typeof event.object === 'object') return event as WatchEvent
  throw new WatchUnreadable(`a line of ${line.length} characters is no event`)
}
