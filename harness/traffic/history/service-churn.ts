import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'

const timeoutMs = 3_000
/** The Services that one client keeps at a time. */
const most = 5

const created = z.object({ metadata: z.object({ name: z.string() }), spec: z.object({ clusterIP: z.string() }) })

export interface ServicesOptions {
  readonly client: string
  readonly namespace: string
  readonly pauseMs: number
  readonly emit: (record: JournalRecord) => void
  readonly signal: AbortSignal
}

/** Creates and deletes Services with short pauses, so that addresses are allocated and released all the time. */
export async function churnServices(server: ApiServer, options: ServicesOptions): Promise<void> {
  const { client, namespace, pauseMs, emit, signal } = options
  const via = `apiserver@${server.name}`
  const path = `/api/v1/namespaces/${namespace}/services`
  const own: { name: string; address: string }[] = []
  for (let n = 0; !signal.aborted; n++) {
    const at = now()
    const name = `${client}-${n}`
    try {
      const body = { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port: 80 }] } }
      const answer = await apiRequest(server, 'POST', path, { body, timeoutMs })
      if (answer.status === 201) {
        const { clusterIP: address } = created.parse(JSON.parse(answer.body)).spec
        own.push({ name, address })
        emit({ kind: 'allocation', at, endedAt: now(), client, via, edge: 'created', owner: name, address })
      }
      const [oldest] = own.length > most ? own : []
      if (oldest) {
        own.shift()
        // From the request on the address may be allocated again, whatever the outcome.
        const requestedAt = now()
        const { name: owner, address } = oldest
        emit({
          kind: 'allocation',
          at: requestedAt,
          endedAt: requestedAt,
          client,
          via,
          edge: 'deleted',
          owner,
          address,
        })
        await apiRequest(server, 'DELETE', `${path}/${owner}`, { timeoutMs })
      }
    } catch {
      // The outcome is unknown: an address without an answer is not judged, and the namespace is removed at the end.
    }
    await delay(pauseMs, undefined, { signal }).catch(() => undefined)
  }
}
