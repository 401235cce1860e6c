import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../common/error-message.mjs'
import { range } from '../../agent/etcd/etcd-answers.ts'
import { keysWith } from '../../agent/etcd/etcd-client.ts'
import { base64, fromBase64 } from '../../common/base64.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import type { EtcdStore } from './etcd-store.ts'

type Listing = RecordOf<'listing'>

export interface EtcdListOptions {
  readonly client: string
  readonly emit: (record: JournalRecord) => void
}

const perPage = 3
const betweenPagesMs = 100

/** Lists in every way, one after the other and at one member after the other, until aborted. */
export async function listEtcdOn(
  members: readonly EtcdStore[],
  options: EtcdListOptions,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  let earlier: number | undefined
  for (let turn = 0; !signal.aborted; turn++) {
    const own = members.map((_, n) => members[(turn + n) % members.length]).filter((one) => one !== undefined)
    const found = await list(own.slice(0, 1), { how: 'consistent' }, options)
    await list(own.slice(0, 1), { how: 'cached' }, options)
    await list(own, { how: 'paged' }, options)
    if (earlier !== undefined) await list(own.slice(0, 1), { how: 'exact', asked: earlier }, options)
    earlier = found
    await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** Lists all keys at a revision. Returns whether there was an answer. */
export async function listEtcdAt(member: EtcdStore, revision: number, options: EtcdListOptions): Promise<boolean> {
  return (await list([member], { how: 'exact', asked: revision }, options)) !== undefined
}

/** Requests one page from each member in turn, all at the first page's revision. */
async function list(
  members: readonly EtcdStore[],
  about: Pick<Listing, 'how' | 'asked'>,
  { client, emit }: EtcdListOptions,
): Promise<number | undefined> {
  const at = now()
  const via = members.map((member) => member.via).join(' and ')
  const base = { kind: 'listing', at, client, via, store: 'etcd', ...about } as const
  const items: Listing['items'] = {}
  const parts: number[] = []
  try {
    let from: string | undefined
    for (let turn = 0; turn === 0 || from !== undefined; turn++) {
      const member = members[turn % members.length] as EtcdStore
      if (turn > 0) await delay(betweenPagesMs)
      const revision = about.asked ?? parts[0]
      const page = range.parse(
        await member.post('/kv/range', {
          ...keysWith(member.prefix),
          ...(from === undefined ? {} : { key: base64(from) }),
          serializable: about.how === 'cached',
          ...(revision === undefined ? {} : { revision: String(revision) }),
          ...(about.how === 'paged' ? { limit: String(perPage) } : {}),
        }),
      )
      // The header has etcd's newest revision, also where the answer is of an older, requested one.
      parts.push(revision ?? page.header.revision)
      for (const { key, value, mod_revision } of page.kvs) {
        items[fromBase64(key).slice(member.prefix.length)] = { revision: mod_revision, value: fromBase64(value) }
      }
      const last = page.kvs.at(-1)
      from = page.more && last ? `${fromBase64(last.key)}\0` : undefined
    }
    emit({ ...base, endedAt: now(), outcome: 'ok', parts, items })
    return parts[0]
  } catch (error) {
    const message = errorMessage(error).slice(0, 200)
    const outcome = /has been compacted/.test(message) ? 'expired' : 'failed'
    emit({ ...base, endedAt: now(), outcome, parts, items: {}, error: message })
    return undefined
  }
}
