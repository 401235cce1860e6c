import { readFileSync } from 'node:fs'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { EtcdWatching, EtcdWatchEnd } from './protocol.ts'

const pki = '/etc/etcd/pki'

/** Watches of this machine's etcd member, each told as it happens: what etcd says, and in which messages it says it. */
export class EtcdWatches {
  readonly #emit: (record: JournalRecord) => void
  readonly #open = new Set<AbortController>()

  constructor(emit: (record: JournalRecord) => void) {
    this.#emit = emit
  }

  /** Resolves when the watch has ended, whoever ended it, with how far it got. */
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
        canceled,
        compact_revision: compacted = 0,
        cancel_reason: reason = '',
      } = message.result ?? {}
      if (canceled) ended = { last, end: compacted > 0 ? 'expired' : 'broken', compacted, reason }
      batch++
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
        if (key === lastKey) ended = { last, end: 'closed', reason: 'everything was told' }
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

/** Posts one message and hands on every line of the answer; resolves with why there are no more. */
function lines(body: object, signal: AbortSignal, take: (line: string) => void): Promise<string> {
  return new Promise((resolve) => {
    const sent = request(
      'https://127.0.0.1:2379/v3/watch',
      {
        method: 'POST',
        signal,
        // A connection of its own: one that is kept is shared with those who ask and answer.
        agent: false,
        headers: { 'content-type': 'application/json' },
        cert: readFileSync(`${pki}/client.crt`),
        key: readFileSync(`${pki}/client.key`),
        ca: readFileSync(`${pki}/ca.crt`),
      },
      (response) => {
        createInterface({ input: response, crlfDelay: Infinity })
          .on('line', take)
          .on('error', () => undefined)
        response.on('error', (error) => resolve(error.message))
        response.on('close', () => resolve('the stream ended'))
      },
    )
    sent.on('error', (error) => resolve(error.message))
    sent.end(JSON.stringify(body))
  })
}

/** Half a line, where a stream broke off, says nothing: what it was of comes again. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return {}
  }
}

const base64 = (value: string): string => Buffer.from(value).toString('base64')
const text = (value: string): string => Buffer.from(value, 'base64').toString()
