import { readFileSync } from 'node:fs'
import { connect, constants } from 'node:http2'
import { createInterface } from 'node:readline'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { EtcdWatching } from '../rpc/parameters.ts'
import type { EtcdWatchEnd } from '../rpc/results.ts'

const pki = '/etc/etcd/pki'
/** How often a member gets a progress request: it answers with a revision up to which it has sent everything. */
const progressEveryMs = 500

/** Watches of this machine's etcd member. Each event is recorded as it arrives, with the message that contained it. */
export class EtcdWatches {
  readonly #emit: (record: JournalRecord) => void
  readonly #open = new Set<AbortController>()

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
  }

  /** Resolves when the watch has ended, for any reason, with how far it got. */
  async watch({ id, prefix, rangeEnd, since, lastKey }: EtcdWatching): Promise<EtcdWatchEnd> {
    const { watchMessage } = await import('./etcd-answers.ts')
    const stop = new AbortController()
    this.#open.add(stop)
    let [last, batch] = [since, 0]
    let ended: EtcdWatchEnd | undefined
    const take = (line: string): void => {
      const message = watchMessage.parse(parsed(line))
      if (message.error) ended = { last, end: 'broken', reason: message.error.message }
      const {
        events = [],
        header,
        created,
        canceled,
        compact_revision: compacted = 0,
        cancel_reason: reason = '',
      } = message.result ?? {}
      if (canceled) ended = { last, end: compacted > 0 ? 'expired' : 'broken', compacted, reason }
      batch++
      if (header && events.length === 0 && !created && !canceled) {
        const mark = { event: 'bookmark', key: '', value: '', revision: header.revision } as const
        this.#emit({ kind: 'notification', at: now(), stream: id, ...mark, batch })
      }
      for (const { type, kv } of events) {
        last = kv.mod_revision
        const deleted = type === 'DELETE'
        const key = text(kv.key).slice(prefix.length)
        this.#emit({
          kind: 'notification',
          at: now(),
          stream: id,
          event: deleted ? 'deleted' : kv.create_revision === kv.mod_revision ? 'added' : 'modified',
          key,
          value: deleted ? '' : text(kv.value),
          revision: kv.mod_revision,
          batch,
        })
        if (key === lastKey) ended = { last, end: 'closed', reason: 'everything was reported' }
      }
      if (ended) stop.abort()
    }
    const create = { key: base64(prefix), range_end: base64(rangeEnd), start_revision: String(since + 1) }
    const reason = await lines({ create_request: create }, stop.signal, take)
    this.#open.delete(stop)
    return ended ?? { last, end: stop.signal.aborted ? 'closed' : 'broken', reason }
  }

  close(): void {
    for (const stop of this.#open) stop.abort()
  }
}

/**
 * Sends one message, passes on every line of the answer and requests progress meanwhile; resolves with the reason for the
 * end. It needs HTTP/2, where both sides may send at once, and its own connection, because a kept one is shared.
 */
function lines(body: object, signal: AbortSignal, take: (line: string) => void): Promise<string> {
  return new Promise((resolve) => {
    const session = connect('https://127.0.0.1:2379', {
      cert: readFileSync(`${pki}/client.crt`),
      key: readFileSync(`${pki}/client.key`),
      ca: readFileSync(`${pki}/ca.crt`),
    })
    const stream = session.request({ ':method': 'POST', ':path': '/v3/watch', 'content-type': 'application/json' })
    const send = (message: object): unknown => stream.writable && stream.write(`${JSON.stringify(message)}\n`)
    const asking = setInterval(() => send({ progress_request: {} }), progressEveryMs)
    let reason = 'the stream ended'
    for (const one of [session, stream]) one.on('error', (error) => (reason = error.message))
    stream.on('close', () => {
      clearInterval(asking)
      session.destroy()
      resolve(reason)
    })
    createInterface({ input: stream, crlfDelay: Infinity })
      .on('line', take)
      .on('error', () => undefined)
    signal.addEventListener('abort', () => stream.close(constants.NGHTTP2_CANCEL), { once: true })
    send(body)
  })
}

/** Drops half a line at the end of a broken stream: its event comes again. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}

const base64 = (value: string): string => Buffer.from(value).toString('base64')
const text = (value: string): string => Buffer.from(value, 'base64').toString()
