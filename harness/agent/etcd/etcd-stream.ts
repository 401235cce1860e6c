import { readFileSync } from 'node:fs'
import { connect, constants } from 'node:http2'
import { beginningOf } from '../../common/json-answer.ts'
import { readLines } from '../../common/lines.ts'
import type { WatchMessage } from './etcd-answers.ts'
import { memberPki, ownMember } from './etcd-client.ts'

interface WatchOptions {
  readonly signal: AbortSignal
  /** Default: none. Without it, a member sends nothing while nothing changes. */
  readonly progressEveryMs?: number
  /** Longest time without data. Default: no limit. */
  readonly idleMs?: number
}

/**
 * Opens one watch at this machine's member and passes on its messages. Resolves when `signal` aborts.
 * It needs HTTP/2, where both sides may send at once, and its own connection, because a kept one is shared.
 * @throws the member's error, an error of `receive`, or that a line is no message, nothing arrives or the stream breaks
 */
export async function watchMember(
  create: object,
  options: WatchOptions,
  receive: (message: WatchMessage) => void,
): Promise<void> {
  const { signal, progressEveryMs, idleMs } = options
  // Loaded with the first use: only three machines in eight need it, and every agent's start is part of a boot.
  const { watchMessageOf } = await import('./etcd-answers.ts')
  if (signal.aborted) return
  const session = connect(ownMember, {
    cert: readFileSync(memberPki.certificate),
    key: readFileSync(memberPki.key),
    ca: readFileSync(memberPki.authority),
  })
  const stream = session.request({ ':method': 'POST', ':path': '/v3/watch', 'content-type': 'application/json' })
  const send = (message: object): unknown => stream.writable && stream.write(`${JSON.stringify(message)}\n`)
  const progress = progressEveryMs && setInterval(() => send({ progress_request: {} }), progressEveryMs)
  if (idleMs) stream.setTimeout(idleMs, () => stream.destroy(new Error(`nothing was received for ${idleMs} ms`)))
  let status = 0
  stream.on('response', (headers) => (status = headers[':status'] ?? 0))
  session.on('error', (error) => stream.destroy(error))
  const end = (): void => stream.close(constants.NGHTTP2_CANCEL)
  signal.addEventListener('abort', end, { once: true })
  send({ create_request: create })
  try {
    await readLines(stream, (line) => {
      try {
        if (status !== 200) throw new Error(`${status} ${beginningOf(line)}`)
        receive(watchMessageOf(line))
      } catch (error) {
        stream.destroy(error as Error)
      }
    })
    throw new Error('the member ended the watch')
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    clearInterval(progress)
    signal.removeEventListener('abort', end)
    session.destroy()
  }
}
