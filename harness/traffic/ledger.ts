import { errorMessage } from '../common/error-message.mjs'
import { range } from '../agent/etcd/etcd-answers.ts'
import { keysWith } from '../agent/etcd/etcd-client.ts'
import { clientUrl, etcdRequestFrom } from '../cluster/etcd.ts'
import { fromBase64 } from '../common/base64.ts'
import { z } from 'zod'
import { answerText, contentOf } from '../cluster/api/api-answer.ts'
import { apiRequest } from '../cluster/api/api-request.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { ApiServer } from '../cluster/api/kubernetes.ts'
import type { Machine } from '../cluster/machine/machine.ts'
import type { OutsideClient } from '../cluster/api/outside-client.ts'
import { eventually } from '../common/eventually.ts'
import { now } from '../record/clock.ts'
import type { JournalRecord, RecordOf } from '../record/records.ts'
import { repeatedly } from './repeatedly.ts'

const perSecond = 5
const timeoutMs = 3_000
/** Between two writes of a client that keeps a server busy: a client that is refused must not take a processor. */
const busyPauseMs = 5
const prefix = '/holdfast/'

export interface LedgerOptions {
  readonly namespace: string
  /** Writes to the etcd members and reads them back: no fault of a machine hits it, so every acknowledgement is recorded. */
  readonly client: OutsideClient
  readonly emit: (record: JournalRecord) => void
}

/**
 * Writes unique keys at a fixed rate: to each etcd member, and as ConfigMaps through each API server. Records each write as
 * acknowledged, refused or unknown. `close` reads everything back.
 */
export class Ledger implements AsyncDisposable {
  readonly #cluster: Cluster
  readonly #options: LedgerOptions
  readonly #timers: NodeJS.Timeout[] = []
  readonly #configMaps: ReadonlyMap<ApiServer, ConfigMaps>

  private constructor(cluster: Cluster, options: LedgerOptions) {
    const { servers } = cluster.kubernetes
    this.#cluster = cluster
    this.#options = options
    this.#configMaps = new Map(servers.map((server) => [server, new ConfigMaps(server, options.namespace)]))
  }

  static async start(cluster: Cluster, options: LedgerOptions): Promise<Ledger> {
    const ledger = new Ledger(cluster, options)
    const { client, namespace } = options
    for (const machine of cluster.etcd) {
      const target = { member: machine.name, url: clientUrl(machine), prefix: `${prefix}${namespace}/` }
      await client.call('writeEtcd', { ...target, perSecond, timeoutMs })
    }
    for (const [server, configMaps] of ledger.#configMaps) {
      let n = 0
      const write = (): Promise<void> => ledger.#write(server, configMaps, `holdfast-write-${server.name}-${n++}`)
      ledger.#timers.push(setInterval(() => void write(), 1000 / perSecond))
    }
    return ledger
  }

  /** Clients that write through one API server without a pause, so that requests are always in flight, until disposed. */
  keepWriting(machine: string, clients: number): AsyncDisposable {
    const [server, configMaps] = [...this.#configMaps].find(([{ name }]) => name === machine) ?? []
    if (!server || !configMaps) throw new Error(`${machine} has no API server`)
    let n = 0
    const write = (): Promise<void> => this.#write(server, configMaps, `holdfast-busy-${machine}-${n++}`)
    const stops = Array.from({ length: clients }, () => repeatedly(write, busyPauseMs, () => undefined))
    return {
      [Symbol.asyncDispose]: async () => void (await Promise.all(stops.map((one) => one[Symbol.asyncDispose]()))),
    }
  }

  /** Stops writing and reads everything back, from every member and every API server. */
  async close(signal: AbortSignal): Promise<void> {
    await this[Symbol.asyncDispose]()
    const reads = [
      ...this.#cluster.etcd.map((machine) => async (): Promise<RecordOf<'read'>> => {
        const at = now()
        const values = await this.#readEtcd(machine)
        return { kind: 'read', at, endedAt: now(), via: machine.name, store: 'etcd', values }
      }),
      ...[...this.#configMaps].map(([server, configMaps]) => async (): Promise<RecordOf<'read'>> => {
        const at = now()
        const values = await configMaps.values()
        return { kind: 'read', at, endedAt: now(), via: `apiserver@${server.name}`, store: 'apiserver', values }
      }),
    ]
    // A source that does not answer must not end the reads from the others.
    const results = await Promise.allSettled(
      reads.map(async (read) =>
        this.#options.emit(await eventually('everything written to be read back', read, { timeoutMs: 60_000, signal })),
      ),
    )
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer)
    await this.#options.client.call('stopEtcd', { what: 'writing' }).catch(() => undefined)
  }

  async #write(server: ApiServer, configMaps: ConfigMaps, key: string): Promise<void> {
    const { emit } = this.#options
    const at = now()
    const base = { kind: 'write', at, via: `apiserver@${server.name}`, key, value: String(at) } as const
    try {
      const answer = await configMaps.create(key, base.value)
      const { status } = answer
      const error = answerText(answer)
      if (status === 201) emit({ ...base, endedAt: now(), outcome: 'acked' })
      // Only a client's error rules the write out: behind a 5xx it may have happened.
      else emit({ ...base, endedAt: now(), outcome: status < 500 ? 'refused' : 'unknown', error })
    } catch (error) {
      const message = errorMessage(error)
      const outcome = message.includes('ECONNREFUSED') ? 'refused' : 'unknown'
      emit({ ...base, endedAt: now(), outcome, error: message })
    }
  }

  /** A linearizable range, over the member's own gateway. */
  async #readEtcd(machine: Machine): Promise<Record<string, string>> {
    const { client, namespace } = this.#options
    const keys = keysWith(`${prefix}${namespace}/`)
    const answer = await etcdRequestFrom(client, '/v3/kv/range', keys, {
      timeoutMs: 10_000,
      member: clientUrl(machine),
    })
    const { kvs } = range.parse(answer)
    return Object.fromEntries(kvs.map(({ key, value }) => [fromBase64(key), fromBase64(value)]))
  }
}

const configMapList = z.object({
  items: z.array(
    z.object({ metadata: z.object({ name: z.string() }), data: z.record(z.string(), z.string()).default({}) }),
  ),
})

/** ConfigMaps of one namespace through one API server. */
class ConfigMaps {
  readonly #server: ApiServer
  readonly #path: string

  constructor(server: ApiServer, namespace: string) {
    this.#server = server
    this.#path = `/api/v1/namespaces/${namespace}/configmaps`
  }

  create(name: string, value: string): Promise<{ status: number; body: string }> {
    const metadata = { name, labels: { holdfast: 'write' } }
    const body = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { value } }
    return apiRequest(this.#server, 'POST', this.#path, { body, timeoutMs })
  }

  async values(): Promise<Record<string, string>> {
    const path = `${this.#path}?labelSelector=holdfast%3Dwrite`
    const { items } = configMapList.parse(contentOf(await apiRequest(this.#server, 'GET', path, { timeoutMs })))
    return Object.fromEntries(items.map(({ metadata, data }) => [metadata.name, data['value'] ?? '']))
  }
}
