import { range, txn } from '../../agent/etcd/etcd-answers.ts'
import { etcdRequestFrom } from '../../cluster/etcd.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { base64, fromBase64 } from '../../common/base64.ts'
import { type Answer, failure, type Request, type Store } from './store.ts'

const timeoutMs = 3_000

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

  /** Sends one request to the gateway. @throws EtcdError */
  post(path: string, body: object): Promise<unknown> {
    return etcdRequestFrom(this.machine, `/v3${path}`, body, { timeoutMs })
  }

  async #read(key: string, serializable: boolean): Promise<Answer> {
    const { kvs: found } = range.parse(await this.post('/kv/range', { key, serializable }))
    const [first] = found
    return first ? { outcome: 'ok', revision: first.mod_revision, value: fromBase64(first.value) } : { outcome: 'ok' }
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
