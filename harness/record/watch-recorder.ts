import type { KubernetesObject } from '@kubernetes/client-node'
import { setTimeout as delay } from 'node:timers/promises'
import { now } from './clock.ts'
import type { JournalRecord } from './records.ts'
import { type ApiServer, WatchError, WatchSilent, watchStream, WatchUnreadable } from './watch/watch-stream.ts'

interface Resource {
  readonly name: string
  readonly path: string
}

/** What the contracts read. Secrets and ConfigMaps are not among it and never will be. */
const resources: readonly Resource[] = [
  { name: 'nodes', path: '/api/v1/nodes' },
  { name: 'pods', path: '/api/v1/pods' },
  { name: 'services', path: '/api/v1/services' },
  { name: 'events', path: '/api/v1/events' },
  { name: 'deployments', path: '/apis/apps/v1/deployments' },
  { name: 'replicasets', path: '/apis/apps/v1/replicasets' },
  { name: 'endpointslices', path: '/apis/discovery.k8s.io/v1/endpointslices' },
  { name: 'leases', path: '/apis/coordination.k8s.io/v1/leases' },
  { name: 'poddisruptionbudgets', path: '/apis/policy/v1/poddisruptionbudgets' },
]

const reconnectMs = 100
/** The server is asked to end each watch in good order after so long, so that a stream which is silent for longer is dead. */
const timeoutSeconds = 10
const idleMs = 13_000
/** A sound server lists everything in less than a second; one that was just started needs several. */
const listMs = 30_000

type Emit = (record: JournalRecord) => void

/**
 * Watches every resource from every API server by itself, so that a server which falls behind or dies is seen to, and
 * the others go on telling. A watch that breaks is resumed where it was; the time between is recorded as a gap.
 */
export class WatchRecorder implements AsyncDisposable {
  readonly #stop = new AbortController()
  readonly #watches: Promise<void>[]

  private constructor(servers: readonly ApiServer[], emit: Emit, onListed: (server: ApiServer) => void) {
    this.#watches = servers.flatMap((server) =>
      resources.map((resource) =>
        new ResourceWatch(server, resource, emit, () => onListed(server)).run(this.#stop.signal),
      ),
    )
  }

  /**
   * Resolves once every resource has been listed from every server, or from one of them when a server has not answered for
   * `withinMs`: its silence is recorded as gaps, and contracts judge it.
   */
  static async start(servers: readonly ApiServer[], emit: Emit, { withinMs = listMs } = {}): Promise<WatchRecorder> {
    const listed = servers.map(() => Promise.withResolvers<void>())
    const left = new Map(servers.map((server) => [server, resources.length]))
    const recorder = new WatchRecorder(servers, emit, (server) => {
      const missing = (left.get(server) ?? 0) - 1
      left.set(server, missing)
      if (missing === 0) listed[servers.indexOf(server)]?.resolve()
    })
    const all = listed.map(({ promise }) => promise)
    const late = new AbortController()
    await Promise.race([Promise.all(all), delay(withinMs, undefined, { signal: late.signal }).catch(() => undefined)])
    late.abort()
    await Promise.race(all)
    return recorder
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#watches)
  }
}

class ResourceWatch {
  readonly #server: ApiServer
  readonly #resource: Resource
  readonly #emit: Emit
  readonly #onListed: () => void
  #version: string | undefined
  #listedOnce = false
  /** Objects known by uid, so that a list after a loss tells what was deleted meanwhile. */
  readonly #known = new Map<string, KubernetesObject>()

  constructor(server: ApiServer, resource: Resource, emit: Emit, onListed: () => void) {
    this.#server = server
    this.#resource = resource
    this.#emit = emit
    this.#onListed = onListed
  }

  async run(signal: AbortSignal): Promise<void> {
    let lost: { readonly at: number; readonly reason: string } | undefined
    const regained = (): void => {
      if (lost) this.#gap(lost.at, lost.reason)
      lost = undefined
    }
    while (!signal.aborted) {
      try {
        if (this.#version === undefined) {
          await this.#list(signal)
          regained()
        }
        await this.#follow(signal, regained)
        // A watch that the server ends in good order is resumed without a loss.
        continue
      } catch (error) {
        // What was lost with a line can't be asked for again: only a fresh list tells what became of it.
        if (isGone(error) || error instanceof WatchUnreadable) this.#version = undefined
        // Tries that fail after that are part of the same loss.
        lost ??= {
          at: error instanceof WatchSilent ? error.since : now(),
          reason: error instanceof Error ? error.message : String(error),
        }
      }
      await delay(reconnectMs, undefined, { signal }).catch(() => undefined)
    }
    regained()
  }

  async #list(signal: AbortSignal): Promise<void> {
    const listing = await this.#read(signal)
    const gone = new Map(this.#known)
    for (const object of listing.items) {
      gone.delete(uidOf(object))
      if (this.#known.get(uidOf(object))?.metadata?.resourceVersion !== object.metadata?.resourceVersion) {
        this.#tell(this.#listedOnce ? 'modified' : 'listed', object)
      }
    }
    for (const object of gone.values()) this.#tell('deleted', object)
    this.#version = listing.metadata.resourceVersion
    this.#mark(this.#version)
    if (!this.#listedOnce) this.#onListed()
    this.#listedOnce = true
  }

  async #read(signal: AbortSignal): Promise<{ items: KubernetesObject[]; metadata: { resourceVersion: string } }> {
    const items: KubernetesObject[] = []
    // A watch that sends its initial state and then a bookmark is a consistent list with one request fewer.
    let version: string | undefined
    const done = new AbortController()
    await this.#stream(
      AbortSignal.any([signal, done.signal]),
      { sendInitialEvents: true, resourceVersionMatch: 'NotOlderThan', allowWatchBookmarks: true },
      (type, object) => {
        if (type === 'BOOKMARK') {
          version = object.metadata?.resourceVersion
          done.abort()
        } else items.push(object)
      },
    ).catch((error: unknown) => {
      if (version === undefined) throw error
    })
    if (version === undefined) throw new Error('the initial list ended early')
    return { items, metadata: { resourceVersion: version } }
  }

  async #follow(signal: AbortSignal, onOpen: () => void): Promise<void> {
    await this.#stream(
      signal,
      { resourceVersion: this.#version, allowWatchBookmarks: true, timeoutSeconds },
      (type, object) => {
        this.#version = object.metadata?.resourceVersion ?? this.#version
        if (type === 'ADDED') this.#tell('added', object)
        else if (type === 'MODIFIED') this.#tell('modified', object)
        else if (type === 'DELETED') this.#tell('deleted', object)
        else if (type === 'BOOKMARK') this.#mark(object.metadata?.resourceVersion ?? '')
      },
      onOpen,
    )
  }

  #stream(
    signal: AbortSignal,
    query: Record<string, string | number | boolean | undefined>,
    onEvent: (type: string, object: KubernetesObject) => void,
    onOpen: () => void = () => undefined,
  ): Promise<void> {
    return watchStream(this.#server, { path: this.#resource.path, query, signal, idleMs, now, onOpen }, onEvent)
  }

  #tell(event: 'listed' | 'added' | 'modified' | 'deleted', object: KubernetesObject): void {
    if (event === 'deleted') this.#known.delete(uidOf(object))
    else this.#known.set(uidOf(object), object)
    const { namespace = '', name = '', uid = '', resourceVersion = '' } = object.metadata ?? {}
    this.#emit({
      kind: 'watch',
      at: now(),
      source: this.#server.name,
      event,
      resource: this.#resource.name,
      namespace,
      name,
      uid,
      resourceVersion,
      object: trimmed(object),
    })
  }

  /** What etcd stored up to there and we did not tell, got lost. */
  #mark(resourceVersion: string): void {
    this.#emit({ kind: 'mark', at: now(), source: this.#server.name, resource: this.#resource.name, resourceVersion })
  }

  #gap(since: number, reason: string): void {
    this.#emit({
      kind: 'gap',
      at: since,
      until: now(),
      source: this.#server.name,
      resource: this.#resource.name,
      reason,
    })
  }
}

function isGone(error: unknown): boolean {
  return error instanceof WatchError && error.code === 410
}

function uidOf(object: KubernetesObject): string {
  return object.metadata?.uid ?? ''
}

/** Field ownership is most of an object's bytes and no contract reads it. */
function trimmed(object: KubernetesObject): Record<string, unknown> {
  const { managedFields: _, ...metadata } = (object.metadata ?? {}) as Record<string, unknown>
  return { ...object, metadata }
}
