import { z } from 'zod'
import type { Machine } from '../../cluster/machine/machine.ts'
import { type Answer, failure, type Request, type Store } from './store.ts'

const timeoutMs = 3_000
const pki = '/etc/etcd/pki'

const kvs = z.array(z.object({ key: z.string(), value: z.string().default(''), mod_revision: z.coerce.number() }))
const header = z.object({ revision: z.coerce.number() })
const range = z.object({ header, kvs: kvs.default([]) })
const txn = z.object({
  header,
  succeeded: z.boolean().default(false),
  responses: z.array(z.object({ response_range: z.object({ kvs: kvs.default([]) }).optional() })).default([]),
})

/** Objects as keys of one etcd member, over its own JSON gateway. Each write is a transaction with its precondition. */
export class EtcdStore implements Store {
  readonly kind = 'etcd'
  readonly via: string
  readonly machine: Machine
  readonly prefix: string

  constructor(machine: Machine, prefix: string) {
    this.machine = machine
    this.via = machine.name
    this.prefix = prefix
  }

  async carryOut(request: Request): Promise<Answer> {
    const key = base64(this.prefix + request.key)
    try {
      if (request.operation.endsWith('get')) return await this.#read(key, request.operation === 'cached-get')
      return await this.#write(key, request)
    } catch (error) {
      return failure(error)
    }
  }

  /** Sends one request to the gateway. @throws on any status but 200 */
  async post(path: string, body: unknown): Promise<unknown> {
    const answer = await this.machine.call('http', {
      url: `https://127.0.0.1:2379/v3${path}`,
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'content-type': 'application/json' },
      certificate: `${pki}/client.crt`,
      key: `${pki}/client.key`,
      authority: `${pki}/ca.crt`,
      timeoutMs,
    })
    if (answer.status !== 200) throw new Error(`${answer.status} ${answer.body.slice(0, 200)}`)
    return JSON.parse(answer.body)
  }

  async #read(key: string, serializable: boolean): Promise<Answer> {
    const { kvs: found } = range.parse(await this.post('/kv/range', { key, serializable }))
    const [first] = found
    return first ? { outcome: 'ok', revision: first.mod_revision, value: text(first.value) } : { outcome: 'ok' }
  }

  async #write(key: string, { operation, precondition, value }: Request): Promise<Answer> {
    const compare =
      operation === 'create'
        ? { key, target: 'CREATE', result: 'EQUAL', create_revision: '0' }
        : precondition > 0
          ? { key, target: 'MOD', result: 'EQUAL', mod_revision: String(precondition) }
          : { key, target: 'CREATE', result: 'GREATER', create_revision: '0' }
    const change =
      operation === 'delete' ? { request_delete_range: { key } } : { request_put: { key, value: base64(value) } }
    const body = { compare: [compare], success: [change], failure: [{ request_range: { key } }] }
    const result = txn.parse(await this.post('/kv/txn', body))
    if (result.succeeded) return { outcome: 'ok', revision: result.header.revision }
    const there = (result.responses[0]?.response_range?.kvs.length ?? 0) > 0
    return { outcome: 'refused', refusal: there ? (operation === 'create' ? 'exists' : 'conflict') : 'absent' }
  }
}

export const base64 = (value: string): string => Buffer.from(value).toString('base64')
export const text = (value: string): string => Buffer.from(value, 'base64').toString()

/** The end of the range of all keys with a prefix. */
export const rangeEnd = (prefix: string): string =>
  `${prefix.slice(0, -1)}${String.fromCharCode(prefix.charCodeAt(prefix.length - 1) + 1)}`
