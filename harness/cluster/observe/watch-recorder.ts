import type { KubernetesObject } from '@kubernetes/client-node'
import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../../common/error-message.mjs'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { ApiServer } from '../api/kubernetes.ts'
import { isGone, watchEvents, type WatchListener, WatchSilent, WatchUnreadable } from '../api/watch.ts'

interface Resource {
  readonly name: string
  readonly path: string
}

/** The resources that contracts read. Secrets and ConfigMaps must not be added. */
const resources: readonly Resource[] = [
  { name: 'nodes', path: '/api/v1/nodes' },
  { name: 'pods', path: '/api/v1/pods' },
  { name: 'services', path: '/api/v1/services' },
  { name: 'events', path: '/api/v1/events' },
  { name: 'deployments', path: '/apis/apps/v1/deployments' },
  { name: 'replicasets', path: '/apis/apps/v1/replicasets' },
  { name: 'statefulsets', path: '/apis/apps/v1/statefulsets' },
  { name: 'daemonsets', path: '/apis/apps/v1/daemonsets' },
  { name: 'controllerrevisions', path: '/apis/apps/v1/controllerrevisions' },
  { name: 'jobs', path: '/apis/batch/v1/jobs' },
  { name: 'persistentvolumes', path: '/api/v1/persistentvolumes' },
  { name: 'persistentvolumeclaims', path: '/api/v1/persistentvolumeclaims' },
  { name: 'endpointslices', path: '/apis/discovery.k8s.io/v1/endpointslices' },
  { name: 'leases', path: '/apis/coordination.k8s.io/v1/leases' },
  { name: 'poddisruptionbudgets', path: '/apis/policy/v1/poddisruptionbudgets' },
  {
    name: 'validatingwebhookconfigurations',
    path: '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations',
  },
]

export const watchedResources: readonly string[] = resources.map(({ name }) => name)

const reconnectMs = 100
/** The server is requested to end each watch after this time, so that a stream without data for longer is dead. */
const timeoutSeconds = 10
const idleMs = 13_000
/** A healthy server lists everything within a second; a starting one needs several. */
const listMs = 30_000

type Emit = (record: JournalRecord) => void

/**
 * Watches every resource on every API server separately, so that a late or dead server is visible and the others still deliver
 * events. Resumes a broken watch at its last version and records the time between as a gap.
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
   * Resolves once every server has listed every resource, or one of them if another has not answered within `withinMs`: gaps record
   * that, and contracts judge it.
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
  /** Known objects by uid, so that a new list after a gap shows which were deleted. */
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
        // A watch that the server ended regularly is resumed without a gap.
        continue
      } catch (error) {
        // An event that was lost with an unreadable line can't be requested again: only a new list shows the current state.
        if (isGone(error) || error instanceof WatchUnreadable) this.#version = undefined
        // Further failed attempts belong to the same gap.
        lost ??= {
          at: error instanceof WatchSilent ? error.since : now(),
          reason: errorMessage(error),
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
        this.#record(this.#listedOnce ? 'modified' : 'listed', object)
      }
    }
    for (const object of gone.values()) this.#record('deleted', object)
    this.#version = listing.metadata.resourceVersion
    this.#mark(this.#version)
    if (!this.#listedOnce) this.#onListed()
    this.#listedOnce = true
  }

  async #read(signal: AbortSignal): Promise<{ items: KubernetesObject[]; metadata: { resourceVersion: string } }> {
    const items: KubernetesObject[] = []
    // A watch with initial events and a bookmark is a consistent list and saves one request.
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
        if (type === 'ADDED') this.#record('added', object)
        else if (type === 'MODIFIED') this.#record('modified', object)
        else if (type === 'DELETED') this.#record('deleted', object)
        else if (type === 'BOOKMARK') this.#mark(object.metadata?.resourceVersion ?? '')
      },
      onOpen,
    )
  }

  #stream(
    signal: AbortSignal,
    query: Record<string, string | number | boolean | undefined>,
    onEvent: WatchListener,
    onOpen: () => void = () => undefined,
  ): Promise<void> {
    return watchEvents(this.#server, this.#resource.path, query, { signal, idleMs, onOpen }, onEvent)
  }

  #record(event: 'listed' | 'added' | 'modified' | 'deleted', object: KubernetesObject): void {
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

  /** Records the progress of the watch: a change before it without an event is lost. */
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

function uidOf(object: KubernetesObject): string {
  return object.metadata?.uid ?? ''
}

/** Removes field ownership, which is most of an object's bytes and which no contract reads. */
function trimmed(object: KubernetesObject): Record<string, unknown> {
  const { managedFields: _, ...metadata } = (object.metadata ?? {}) as Record<string, unknown>
  return { ...object, metadata }
}
