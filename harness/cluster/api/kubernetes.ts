import { AsyncLocalStorage } from 'node:async_hooks'
import {
  ApiException,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  type RequestContext,
} from '@kubernetes/client-node'
import { HoldfastError } from '../../common/errors.ts'
import { inTime } from '../../common/in-time.ts'
import { explained, isConflict, isNotFound, readable } from './api-answer.ts'

/** One API server, addressed by itself; for any of them use `Kubernetes`. */
export interface ApiServer {
  /** Name of its machine. */
  readonly name: string
  readonly url: string
  readonly config: KubeConfig
  readonly objects: KubernetesObjectApi
}

/** Cancels the request that is about to be sent: the client's calls take no signal. */
const cancelling = new AsyncLocalStorage<AbortSignal>()

/** The client's own configuration makes a connection pool for each request, and with it a TLS handshake at both ends. */
class PooledConfig extends KubeConfig {
  #pool: ReturnType<RequestContext['getDispatcher']>

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context)
    this.#pool ??= context.getDispatcher()
    if (this.#pool) context.setDispatcher(this.#pool)
    const signal = cancelling.getStore()
    if (signal) context.setSignal(signal)
  }
}

export function apiServer(name: string, url: string, kubeconfig: string): ApiServer {
  const config = new PooledConfig()
  config.loadFromString(kubeconfig)
  return { name, url, config, objects: KubernetesObjectApi.makeApiClient(config) }
}

/** How long a request waits for one API server before it goes to the next. */
const defaultTimeoutMs = 10_000

/** The Kubernetes API through every API server: a request goes to the next one when one can't be reached. */
export class Kubernetes {
  readonly servers: readonly ApiServer[]

  readonly #timeoutMs: number

  constructor(servers: readonly ApiServer[], timeoutMs = defaultTimeoutMs) {
    this.servers = servers
    this.#timeoutMs = timeoutMs
  }

  /**
   * Sends a request. Without an answer in time it is cancelled, and goes to the next server.
   * @throws ApiException when a server answers with an error of the API's own
   * @throws HoldfastError HF_API_ANSWER when it answers with an error of another kind, as text
   * @throws HoldfastError HF_NO_API_SERVER when none answers
   */
  async request<T>(send: (objects: KubernetesObjectApi) => Promise<T>, signal?: AbortSignal): Promise<T> {
    let last: unknown
    for (const { name, objects } of this.servers) {
      const what = `The API server on ${name} did not answer`
      try {
        return await inTime(what, { withinMs: this.#timeoutMs, signal }, (own) =>
          cancelling.run(own, () => send(objects)),
        )
      } catch (error) {
        signal?.throwIfAborted()
        if (error instanceof ApiException && error.code < 500) throw readable(error)
        last = error
      }
    }
    throw new HoldfastError('HF_NO_API_SERVER', `No API server answered: ${explained(last)}`.replace(/\.?$/, '.'), {
      hint: "Check kube-apiserver.log in the run's folder.",
      cause: last,
    })
  }

  /** Creates the object, or merges it with one that already exists. */
  async apply(object: KubernetesObject): Promise<void> {
    try {
      await this.request((objects) => objects.create(object))
    } catch (error) {
      if (!isConflict(error)) throw error
      await this.merge(object)
    }
  }

  async merge(object: KubernetesObject): Promise<void> {
    await this.request((objects) =>
      objects.patch(object, undefined, undefined, 'holdfast', undefined, 'application/merge-patch+json'),
    )
  }

  async read<T extends KubernetesObject>(object: KubernetesObject): Promise<T> {
    return (await this.request((objects) => objects.read(object as never))) as T
  }

  async list<T extends KubernetesObject>(
    apiVersion: string,
    kind: string,
    namespace?: string,
    labelSelector?: string,
  ): Promise<T[]> {
    const list = await this.request((objects) =>
      objects.list(apiVersion, kind, namespace, undefined, undefined, undefined, undefined, labelSelector),
    )
    return list.items as T[]
  }

  async delete(object: KubernetesObject, graceSeconds?: number): Promise<void> {
    try {
      await this.request((objects) => objects.delete(object, undefined, undefined, graceSeconds))
    } catch (error) {
      if (!isNotFound(error)) throw error
    }
  }
}
