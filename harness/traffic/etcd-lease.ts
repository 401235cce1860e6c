import { z } from 'zod'
import { range } from '../agent/etcd/etcd-answers.ts'
import { clientUrl, etcdRequestFrom } from '../cluster/etcd.ts'
import type { OutsideClient } from '../cluster/api/outside-client.ts'
import type { Machine } from '../cluster/machine/machine.ts'
import { base64 } from '../common/base64.ts'
import { errorMessage } from '../common/error-message.mjs'
import { now } from '../record/clock.ts'
import type { RecordOf } from '../record/records.ts'

const timeoutMs = 2_000
const granted = z.object({ ID: z.string(), TTL: z.coerce.number() })

export interface LeaseOptions {
  readonly namespace: string
  readonly client: OutsideClient
  readonly emit: (record: RecordOf<'leased'>) => void
}

/** A lease of etcd with one key, which a client never renews. */
export class EtcdLease {
  readonly #options: LeaseOptions
  readonly #lease: string
  readonly #ttlMs: number
  readonly #key: string

  private constructor(options: LeaseOptions, lease: string, ttlMs: number) {
    this.#options = options
    this.#lease = lease
    this.#ttlMs = ttlMs
    this.#key = keyOf(options, lease)
  }

  /** Requests a lease of `seconds` with a key from one member, and records the answer. @throws when it is refused */
  static async grant(member: Machine, seconds: number, options: LeaseOptions): Promise<EtcdLease> {
    const { client, emit } = options
    const at = now()
    const post = (path: string, body: object): Promise<unknown> =>
      etcdRequestFrom(client, path, body, { timeoutMs, member: clientUrl(member) })
    const { ID, TTL } = granted.parse(await post('/v3/lease/grant', { TTL: String(seconds) }))
    const endedAt = now()
    await post('/v3/kv/put', { key: base64(keyOf(options, ID)), value: base64(ID), lease: ID })
    emit({ kind: 'leased', at, endedAt, via: member.name, lease: ID, ttlMs: TTL * 1000, state: 'granted' })
    return new EtcdLease(options, ID, TTL * 1000)
  }

  /** Reads the key consistently from one member and records the answer. Resolves to whether the lease has expired. */
  async expired(member: Machine): Promise<boolean> {
    const { client, emit } = this.#options
    const about = { kind: 'leased', via: member.name, lease: this.#lease, ttlMs: this.#ttlMs } as const
    const at = now()
    try {
      const options = { timeoutMs, member: clientUrl(member) }
      const { kvs } = range.parse(await etcdRequestFrom(client, '/v3/kv/range', { key: base64(this.#key) }, options))
      emit({ ...about, at, endedAt: now(), state: kvs.length > 0 ? 'held' : 'expired' })
      return kvs.length === 0
    } catch (error) {
      emit({ ...about, at, endedAt: now(), state: 'unknown', error: errorMessage(error).slice(0, 200) })
      return false
    }
  }
}

const keyOf = ({ namespace }: LeaseOptions, lease: string): string => `/holdfast/${namespace}/lease-${lease}`
