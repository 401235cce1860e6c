import { z } from 'zod'
import { answerText, statusOf } from '../../cluster/api/api-answer.ts'
import { apiRequest } from '../../cluster/api/api-request.ts'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { type Answer, failure, type Request, type Store } from './store.ts'

const timeoutMs = 3_000

export const configMap = z.object({
  metadata: z.object({ name: z.string(), resourceVersion: z.coerce.number() }),
  data: z.record(z.string(), z.string()).default({}),
})

/** Objects as ConfigMaps through one API server. */
export class ApiStore implements Store {
  readonly kind = 'apiserver'
  readonly via: string
  readonly #server: ApiServer
  readonly #path: string

  constructor(server: ApiServer, namespace: string) {
    this.#server = server
    this.via = `apiserver@${server.name}`
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`
  }

  async carryOut(request: Request): Promise<Answer> {
    const { method, path, body } = this.#http(request)
    try {
      return answerTo(request, await apiRequest(this.#server, method, path, { body, timeoutMs }))
    } catch (error) {
      return failure(error)
    }
  }

  #http({ operation, key, precondition, value }: Request): {
    method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    path: string
    body?: unknown
  } {
    const path = `${this.#path}/${key}`
    const resourceVersion = precondition > 0 ? String(precondition) : undefined
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: key, resourceVersion }, data: { value } }
    switch (operation) {
      case 'create':
        return { method: 'POST', path: this.#path, body: object }
      case 'update':
        return { method: 'PUT', path, body: object }
      case 'patch':
        return { method: 'PATCH', path, body: { metadata: { resourceVersion }, data: { value } } }
      case 'delete':
        return { method: 'DELETE', path, body: { kind: 'DeleteOptions', preconditions: { resourceVersion } } }
      case 'get':
        return { method: 'GET', path }
      case 'cached-get':
        return { method: 'GET', path: `${path}?resourceVersion=0` }
    }
  }
}

function answerTo({ operation }: Request, { status, body }: { status: number; body: string }): Answer {
  const reads = operation.endsWith('get')
  // A bare "404 page not found" of a starting server proves nothing about the object.
  if (status === 404 && statusOf(body)?.reason === 'NotFound')
    return reads ? { outcome: 'ok' } : { outcome: 'refused', refusal: 'absent' }
  if (status === 409) return { outcome: 'refused', refusal: operation === 'create' ? 'exists' : 'conflict' }
  if (status >= 200 && status < 300) {
    if (operation === 'delete') return { outcome: 'ok' }
    const { metadata, data } = configMap.parse(JSON.parse(body))
    return { outcome: 'ok', revision: metadata.resourceVersion, ...(reads ? { value: data['value'] ?? '' } : {}) }
  }
  return { outcome: ruledOut(status) ? 'refused' : 'unknown', error: answerText({ status, body }) }
}

/** Only a client error rules a write out: after a 5xx or 429 the outcome is unknown. */
export function ruledOut(status: number): boolean {
  return status >= 400 && status < 500 && status !== 429
}
