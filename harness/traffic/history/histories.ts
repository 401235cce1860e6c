import { setTimeout as delay } from 'node:timers/promises'
import type { Cluster } from '../../cluster/cluster.ts'
import type { ApiServer } from '../../cluster/api/kubernetes.ts'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { consistentList } from './api-lists.ts'
import { ApiStore } from './api-store.ts'
import { watchOn, watchOnce } from './api-watch.ts'
import { createOn, recordCreated } from './creations.ts'
import { compact, memberData, removeAll, revisionOf, writePair } from './etcd-data.ts'
import { listEtcdAt, listEtcdOn } from './etcd-lists.ts'
import { EtcdStore } from './etcd-store.ts'
import { watchEtcdOn, watchEtcdOnce } from './etcd-watch.ts'
import { sendOperation, runClient } from './history-client.ts'
import { listOn } from './lister.ts'
import { churnServices } from './service-churn.ts'
import type { Store } from './store.ts'
import { lastKey } from './streams.ts'

const clientsEach = 3
const pauseMs = 60
const servicePauseMs = 250
const listPauseMs = 300
const pairPauseMs = 500
const creationPauseMs = 250
const defaultTimeoutMs = 60_000
/** Few enough that clients conflict. */
const keys = Array.from({ length: 8 }, (_, n) => `object-${n}`)
const prefix = 'object-'

export interface HistoryOptions {
  readonly namespace: string
  readonly emit: (record: JournalRecord) => void
  readonly choose: <T>(from: readonly T[]) => T
  readonly signal: AbortSignal
  /** The API servers that clients use. Default: all of the cluster. */
  readonly servers?: readonly ApiServer[]
}

/**
 * Clients that work on the same few objects through every API server and on every etcd member, and clients that watch and list
 * them. All requests and answers are recorded, for judges of histories.
 */
export class Histories implements AsyncDisposable {
  readonly #options: HistoryOptions
  readonly #emit: (record: JournalRecord) => void
  readonly #servers: readonly ApiServer[]
  readonly #members: readonly EtcdStore[]
  readonly #writing = new AbortController()
  readonly #watching = new AbortController()
  readonly #writers: Promise<void>[] = []
  readonly #watchers: Promise<void>[] = []
  #confirmed = 0
  #interrupted = false

  private constructor(cluster: Cluster, options: HistoryOptions) {
    const begin = `/holdfast/${options.namespace}/history-${Math.floor(now())}/`
    this.#options = { ...options, emit: (record) => this.#record(record) }
    this.#emit = options.emit
    this.#servers = options.servers ?? cluster.kubernetes.servers
    this.#members = cluster.etcd.map((machine) => new EtcdStore(machine, begin))
  }

  /** Resolves once every client works. */
  static async start(cluster: Cluster, options: HistoryOptions): Promise<Histories> {
    const histories = new Histories(cluster, options)
    await histories.#begin()
    return histories
  }

  /** Resolves once `more` operations more were confirmed, by any store. */
  async confirmed(more: number): Promise<void> {
    const goal = this.#confirmed + more
    await eventually(`${more} more operations to be confirmed`, () => this.#confirmed >= goal, {
      timeoutMs: defaultTimeoutMs,
      signal: this.#options.signal,
    })
  }

  /** Resolves once a watch of an API server has broken since the start. */
  async interrupted(): Promise<void> {
    await eventually('a watch of an API server to break off', () => this.#interrupted, {
      timeoutMs: defaultTimeoutMs,
      signal: this.#options.signal,
    })
  }

  /**
   * Stops the writers, lists through each API server, and follows the watches until they have reported everything. Then etcd is
   * compacted, compacted revisions are requested, and each member's data is read.
   */
  async close(): Promise<void> {
    const { emit, signal } = this.#options
    this.#writing.abort()
    await Promise.all(this.#writers)
    for (const server of this.#servers) {
      const own = this.#lister(`last-lister-${server.name}`)
      const list = async (): Promise<boolean> => (await consistentList(server, own)) !== undefined
      await eventually(`a last list of ${server.name}`, list, { timeoutMs: defaultTimeoutMs, signal })
      const created = (): Promise<boolean> => recordCreated(server, this.#options)
      await eventually(`${server.name} to list what was created`, created, { timeoutMs: defaultTimeoutMs, signal })
    }
    for (const [store] of [this.#apiStores(), this.#members]) if (store) await this.#last(store)
    let watched = false
    void Promise.all(this.#watchers).then(() => (watched = true))
    await eventually('every watch to have reported everything', () => watched, { timeoutMs: defaultTimeoutMs, signal })
    await this.#requestCompacted()
    await memberData(this.#members, emit, signal)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#writing.abort()
    this.#watching.abort()
    await Promise.all(this.#members.map(({ machine }) => machine.call('unwatchEtcd', {}).catch(() => undefined)))
    await Promise.allSettled([...this.#writers, ...this.#watchers])
    const [member] = this.#members
    if (member) await removeAll(member).catch(() => undefined)
  }

  async #begin(): Promise<void> {
    const { namespace, emit, choose, signal } = this.#options
    const [first] = this.#members
    if (!first) throw new Error('a history needs an etcd member')
    const since = await revisionOf(first)
    // Judges compare the watches from here on with lists, and lists begin with the state of before.
    const etcdLister = { client: 'etcd-lister', emit }
    const listed = (): Promise<boolean> => listEtcdAt(first, since, etcdLister)
    await eventually('a first list of etcd', listed, { timeoutMs: defaultTimeoutMs, signal })
    const watching = AbortSignal.any([signal, this.#watching.signal])
    const writing = AbortSignal.any([signal, this.#writing.signal])
    for (const [n] of this.#servers.entries()) {
      const own = this.#servers.map((_, other) => this.#servers[(n + other) % this.#servers.length] as ApiServer)
      this.#watchers.push(watchOn(own, this.#lister(`watcher-${n}`), watching))
      this.#writers.push(listOn(own, this.#lister(`lister-${n}`), listPauseMs, writing))
    }
    for (const [n] of this.#members.entries()) {
      const own = this.#members.map((_, other) => this.#members[(n + other) % this.#members.length] as EtcdStore)
      this.#watchers.push(watchEtcdOn(own, `etcd-watcher-${n}`, since, emit, watching))
    }
    this.#writers.push(listEtcdOn(this.#members, etcdLister, listPauseMs, writing))
    for (const store of [...this.#apiStores(), ...this.#members]) {
      for (let n = 0; n < (store.kind === 'etcd' ? 1 : clientsEach); n++) {
        const name = `client-${store.via}-${n}`.replace('apiserver@', '')
        this.#writers.push(runClient({ name, store, keys, pauseMs, emit, choose, signal: writing }))
      }
    }
    for (const server of this.#servers) {
      const client = `services-${server.name}`
      this.#writers.push(churnServices(server, { client, namespace, pauseMs: servicePauseMs, emit, signal: writing }))
      const creator = { client: `creator-${server.name}`, namespace, emit }
      this.#writers.push(createOn(server, creator, creationPauseMs, writing))
    }
    this.#writers.push(this.#writePairs(writing))
    await this.confirmed(1)
  }

  /** The outcome of a write does not count: the pairs are for the watches. */
  async #writePairs(signal: AbortSignal): Promise<void> {
    for (let n = 0; !signal.aborted; n++) {
      const member = this.#members[n % this.#members.length]
      if (member) await writePair(member, `pair-${n}`).catch(() => undefined)
      await delay(pairPauseMs, undefined, { signal }).catch(() => undefined)
    }
  }

  /** Creates the object that changes last of all, and waits until that is certain. */
  async #last(store: Store): Promise<void> {
    const { emit, signal } = this.#options
    const request = { operation: 'create', key: lastKey, precondition: 0, value: `last-${store.kind}` } as const
    const create = async (): Promise<boolean> => {
      const { outcome, refusal } = await sendOperation('last', store, request, emit)
      return outcome === 'ok' || refusal === 'exists'
    }
    await eventually(`the last object through ${store.via}`, create, { timeoutMs: defaultTimeoutMs, signal })
  }

  /** Compacts etcd, and then requests a compacted revision from each member and each API server. */
  async #requestCompacted(): Promise<void> {
    const { emit, signal } = this.#options
    const [member] = this.#members
    if (!member) return
    await compact(member, await revisionOf(member), emit)
    for (const one of this.#members) await watchEtcdOnce(one, 'too-late', 1, emit)
    for (const server of this.#servers) {
      const own = this.#lister(`too-late-${server.name}`)
      const { end } = await watchOnce(server, 1, own, signal)
      if (end === 'expired') await consistentList(server, own)
    }
  }

  #lister(client: string): {
    client: string
    namespace: string
    prefix: string
    emit: (record: JournalRecord) => void
  } {
    const { namespace, emit } = this.#options
    return { client, namespace, prefix, emit }
  }

  #apiStores(): Store[] {
    return this.#servers.map((server) => new ApiStore(server, this.#options.namespace))
  }

  #record(record: JournalRecord): void {
    if (record.kind === 'operation' && record.outcome === 'ok') this.#confirmed++
    if (record.kind === 'stream' && record.store === 'apiserver' && record.end === 'broken') this.#interrupted = true
    this.#emit(record)
  }
}
