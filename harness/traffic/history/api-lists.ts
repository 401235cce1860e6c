import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { errorMessage } from '../../common/error-message.mjs'
import { answerText, contentOf } from '../../cluster/api/api-answer.ts'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { configMap } from './api-store.ts'

const timeoutMs = 5_000

const page = z.object({
  metadata: z.object({ resourceVersion: z.coerce.number(), continue: z.string().optional() }),
  items: z.array(configMap),
})

export interface ListOptions {
  readonly client: string
  readonly namespace: string
  readonly prefix: string
  readonly emit: (record: JournalRecord) => void
}

type Listing = RecordOf<'listing'>

/** A consistent list. Returns its revision, or undefined without an answer. */
export function consistentList(server: ApiServer, options: ListOptions): Promise<number | undefined> {
  return list([server], { how: 'consistent' }, '', options)
}

/** A list that the API server may answer from its cache: it may be old. */
export function cachedList(server: ApiServer, options: ListOptions): Promise<number | undefined> {
  return list([server], { how: 'cached' }, 'resourceVersion=0', options)
}

/** The list as it was at a revision. */
export function listAt(server: ApiServer, revision: number, options: ListOptions): Promise<number | undefined> {
  const query = `resourceVersion=${revision}&resourceVersionMatch=Exact`
  return list([server], { how: 'exact', asked: revision }, query, options)
}

/** A list in pages of a few objects, slowly and from one API server after the other. */
export function pagedList(servers: readonly ApiServer[], options: ListOptions): Promise<number | undefined> {
  return list(servers, { how: 'paged' }, 'limit=3', options)
}

const betweenPagesMs = 100

async function list(
  servers: readonly ApiServer[],
  about: Pick<Listing, 'how' | 'asked'>,
  query: string,
  { client, namespace, prefix, emit }: ListOptions,
): Promise<number | undefined> {
  const at = now()
  const via = servers.map(({ name }) => `apiserver@${name}`).join(' and ')
  const base = { kind: 'listing', at, client, via, store: 'apiserver', ...about } as const
  const items: Listing['items'] = {}
  const parts: number[] = []
  let next: string | undefined
  try {
    for (let turn = 0; turn === 0 || next; turn++) {
      const server = servers[turn % servers.length] as ApiServer
      if (turn > 0) await delay(betweenPagesMs)
      const more = next ? `&continue=${encodeURIComponent(next)}` : ''
      const path = `/api/v1/namespaces/${namespace}/configmaps?${query}${more}`
      const answer = await apiRequest(server, 'GET', path, { timeoutMs })
      if (answer.status !== 200) {
        const outcome = answer.status === 410 ? 'expired' : 'failed'
        const requested = parts[0] ?? about.asked
        const error = answerText(answer)
        emit({ ...base, endedAt: now(), outcome, parts, items: {}, error, ...(requested ? { asked: requested } : {}) })
        return undefined
      }
      const { metadata, items: found } = page.parse(contentOf(answer))
      parts.push(metadata.resourceVersion)
      next = metadata.continue
      for (const { metadata: own, data } of found) {
        if (own.name.startsWith(prefix)) items[own.name] = { revision: own.resourceVersion, value: data['value'] ?? '' }
      }
    }
    emit({ ...base, endedAt: now(), outcome: 'ok', parts, items })
    return parts[0]
  } catch (error) {
    const message = errorMessage(error)
    emit({ ...base, endedAt: now(), outcome: 'failed', parts, items: {}, error: message })
    return undefined
  }
}
