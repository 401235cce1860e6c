import {
  ApiException,
  KubeConfig,
  KubernetesObjectApi,
  type KubernetesObject,
  type RequestContext,
} from '@kubernetes/client-node'
import { HoldfastError } from '../errors.ts'

/** One API server, addressed by itself: whoever wants any of them goes through `Kubernetes`. */
export interface ApiServer {
  /** Its machine. */
  readonly name: string
  readonly url: string
  readonly config: KubeConfig
  readonly objects: KubernetesObjectApi
}

/** The client's own configuration has a pool of connections made for each request, and with it a TLS handshake at both ends. */
class PooledConfig extends KubeConfig {
  #pool: ReturnType<RequestContext['getDispatcher']>

  override async applySecurityAuthentication(context: RequestContext): Promise<void> {
    await super.applySecurityAuthentication(context)
    this.#pool ??= context.getDispatcher()
    if (this.#pool) context.setDispatcher(this.#pool)
  }
}

export function apiServer(name: string, url: string, kubeconfig: string): ApiServer {
  const config = new PooledConfig()
  config.loadFromString(kubeconfig)
  return { name, url, config, objects: KubernetesObjectApi.makeApiClient(config) }
}

/** How long one API server is given before the next is asked. */
const patienceMs = 10_000

/** The cluster's front door with every API server behind it: a request goes to the next one when one can't be reached. */
export class Kubernetes {
  readonly servers: readonly ApiServer[]

  constructor(servers: readonly ApiServer[]) {
    this.servers = servers
  }

  /**
   * @throws ApiException when a server answers with an error
   * @throws HoldfastError HF_NO_API_SERVER when none answers
   */
  async request<T>(ask: (objects: KubernetesObjectApi) => Promise<T>): Promise<T> {
    let last: unknown
    for (const server of this.servers) {
      try {
        return await inTime(ask(server.objects))
      } catch (error) {
        if (error instanceof ApiException && error.code < 500) throw error
        last = error
      }
    }
    throw new HoldfastError('HF_NO_API_SERVER', `No API server answered: ${explained(last)}.`, {
      hint: "Look at kube-apiserver.log in the run's folder.",
      cause: last,
    })
  }

  /** Creates the object; one that exists already is merged with it. */
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

function isConflict(error: unknown): boolean {
  return error instanceof ApiException && error.code === 409
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404
}

/** The client's own message carries the whole answer with its headers: this is the sentence in it. */
export function explained(error: unknown): string {
  if (!(error instanceof ApiException)) return error instanceof Error ? error.message : String(error)
  const body: unknown = typeof error.body === 'string' ? JSON.parse(error.body) : error.body
  const message = (body as { message?: string } | undefined)?.message
  return `the API server answered ${error.code}${message ? `: ${message}` : ''}`
}

async function inTime<T>(promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${patienceMs} ms`)), patienceMs)
  })
  try {
    return await Promise.race([promise, late])
  } finally {
    clearTimeout(timer)
  }
}
