import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { answerText } from '../../cluster/api/api-answer.ts'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { ruledOut } from './api-store.ts'
import { failure } from './store.ts'

const timeoutMs = 3_000
const annotation = 'holdfast/value'
const label = 'holdfast-created'

const object = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    annotations: z.record(z.string(), z.string()).default({}),
  }),
})
const list = z.object({ items: z.array(object) })

export interface CreationOptions {
  readonly client: string
  readonly namespace: string
  readonly emit: (record: JournalRecord) => void
}

/**
 * Creates one object after the other. Each is requested once, also without an answer. The objects are Secrets, because histories
 * count the changes of ConfigMaps: how many of them an API server keeps is judged.
 */
export async function createOn(
  server: ApiServer,
  options: CreationOptions,
  pauseMs: number,
  signal: AbortSignal,
): Promise<void> {
  for (let n = 0; !signal.aborted; n++) {
    options.emit(await createOne(server, options, `${options.client}-${n}`))
    await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}

/** One request with its answer. */
async function createOne(
  server: ApiServer,
  { client, namespace }: CreationOptions,
  value: string,
): Promise<JournalRecord & { readonly kind: 'creation' }> {
  const at = now()
  const about = { kind: 'creation', at, client, via: `apiserver@${server.name}`, value } as const
  const metadata = { generateName: 'created-', labels: { [label]: '' }, annotations: { [annotation]: value } }
  const body = { apiVersion: 'v1', kind: 'Secret', metadata }
  try {
    const answer = await apiRequest(server, 'POST', pathOf(namespace), { body, timeoutMs })
    if (answer.status !== 201) {
      const error = answerText(answer)
      return { ...about, endedAt: now(), outcome: ruledOut(answer.status) ? 'refused' : 'unknown', error }
    }
    const { name } = object.parse(JSON.parse(answer.body)).metadata
    return { ...about, endedAt: now(), outcome: 'ok', key: name }
  } catch (error) {
    const { outcome, error: why = '' } = failure(error)
    return { ...about, endedAt: now(), outcome, error: why }
  }
}

/** Lists and records the created objects. Returns false without an answer. */
export async function recordCreated(
  server: ApiServer,
  { namespace, emit }: Omit<CreationOptions, 'client'>,
): Promise<boolean> {
  const at = now()
  const { status, body } = await apiRequest(server, 'GET', `${pathOf(namespace)}?labelSelector=${label}`, { timeoutMs })
  if (status !== 200) return false
  const objects = list.parse(JSON.parse(body)).items.map(({ metadata: { name, uid, annotations } }) => ({
    key: name,
    value: annotations[annotation] ?? '',
    uid,
  }))
  emit({ kind: 'created', at, endedAt: now(), via: `apiserver@${server.name}`, objects })
  return true
}

const pathOf = (namespace: string): string => `/api/v1/namespaces/${namespace}/secrets`
