import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../common/error-message.mjs'
import type { JournalRecord } from '../../record/records.ts'
import type { EtcdStore } from './etcd-store.ts'
import { lastKey, recorded, type StreamEnd } from './streams.ts'

const pauseMs = 200

/** Watches one member after the other, each from the last reported revision on, until everything was reported. */
export async function watchEtcdOn(
  members: readonly EtcdStore[],
  client: string,
  from: number,
  emit: (record: JournalRecord) => void,
  signal: AbortSignal,
): Promise<void> {
  let since = from
  for (let turn = 0; !signal.aborted; turn++) {
    const member = members[turn % members.length]
    if (!member) return
    const { last, end } = await watchEtcdOnce(member, client, since, emit)
    if (end !== 'broken') return
    since = last
    await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** One watch of one member, until it ends or is ended. */
export function watchEtcdOnce(
  { machine, prefix }: EtcdStore,
  client: string,
  since: number,
  emit: (record: JournalRecord) => void,
): Promise<StreamEnd> {
  const about = { client, via: machine.name, store: 'etcd', since } as const
  return recorded(about, emit, async (id) => {
    try {
      return await machine.call('watchEtcd', { id, prefix, since, lastKey })
    } catch (error) {
      return { last: since, end: 'broken', reason: errorMessage(error) }
    }
  })
}
