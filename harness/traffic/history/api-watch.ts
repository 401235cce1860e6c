import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { errorMessage } from '../../common/error-message.mjs'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { isGone, watchEvents, type WatchListener, WatchUnreadable } from '../../cluster/api/watch.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { configMap } from './api-store.ts'
import { consistentList } from './api-lists.ts'
import { lastKey, recorded, type StreamEnd } from './streams.ts'

/** The server ends a watch after this time, and sends a bookmark shortly before. */
const timeoutSeconds = 10
const idleMs = 15_000
const pauseMs = 200

const change = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ADDED', 'MODIFIED', 'DELETED']), object: configMap }),
  z.object({
    type: z.literal('BOOKMARK'),
    object: z.object({ metadata: z.object({ resourceVersion: z.coerce.number() }) }),
  }),
])
const events = { ADDED: 'added', MODIFIED: 'modified', DELETED: 'deleted' } as const

export interface ApiWatchOptions {
  readonly client: string
  readonly namespace: string
  readonly prefix: string
  readonly emit: (record: JournalRecord) => void
}

/**
 * Lists once and then watches until everything was reported, each time at the next API server and from the last reported revision on.
 * It lists again only where that revision is compacted.
 */
export async function watchOn(
  servers: readonly ApiServer[],
  options: ApiWatchOptions,
  signal: AbortSignal,
): Promise<void> {
  let since: number | undefined
  for (let turn = 0; !signal.aborted; turn++) {
    const server = servers[turn % servers.length]
    if (!server) return
    since ??= await consistentList(server, options)
    if (since === undefined) {
      await delay(pauseMs, undefined, { signal }).catch(() => undefined)
      continue
    }
    const { last, end, complete } = await watchOnce(server, since, options, signal)
    if (complete) return
    since = end === 'expired' ? undefined : last
    if (end === 'broken') await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** One watch of one API server after a revision, until it ends. */
export function watchOnce(
  server: ApiServer,
  since: number,
  { client, namespace, prefix, emit }: ApiWatchOptions,
  signal: AbortSignal,
): Promise<StreamEnd> {
  const about = { client, via: `apiserver@${server.name}`, store: 'apiserver', since } as const
  const query = { allowWatchBookmarks: true, resourceVersion: since, timeoutSeconds }
  return recorded(about, emit, async (stream) => {
    let [last, batch] = [since, 0]
    let complete = false
    const over = new AbortController()
    const onEvent: WatchListener = (type, object) => {
      const { success, data: event, error } = change.safeParse({ type, object })
      if (!success) throw new WatchUnreadable(`an event is no change of a ConfigMap: ${z.prettifyError(error)}`)
      const base = { kind: 'notification', at: now(), stream, batch: ++batch } as const
      const { resourceVersion } = event.object.metadata
      // The next watch begins where this one was recorded: other ConfigMaps are no progress of it.
      if (event.type !== 'BOOKMARK' && !event.object.metadata.name.startsWith(prefix)) return
      last = resourceVersion
      if (event.type === 'BOOKMARK') return emit({ ...base, event: 'bookmark', key: '', value: '', revision: last })
      const { metadata, data } = event.object
      const value = event.type === 'DELETED' ? '' : (data['value'] ?? '')
      emit({ ...base, event: events[event.type], key: metadata.name, value, revision: last })
      complete ||= metadata.name === lastKey
      if (complete) over.abort()
    }
    try {
      const path = `/api/v1/namespaces/${namespace}/configmaps`
      await watchEvents(server, path, query, { idleMs, signal: AbortSignal.any([signal, over.signal]) }, onEvent)
      return complete
        ? { last, end: 'closed', reason: 'everything was reported', complete }
        : { last, end: 'closed', reason: '' }
    } catch (error) {
      const reason = errorMessage(error)
      return { last, end: isGone(error) ? 'expired' : 'broken', reason }
    }
  })
}
