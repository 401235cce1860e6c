import { ApiException, KubeConfig, KubernetesObjectApi, type KubernetesObject } from '@kubernetes/client-node'
import { HoldfastError } from '../errors.ts'

/** One API server, addressed by itself: whoever wants any of them goes through `Kubernetes`. */
export interface ApiServer {
  /** Its machine. */
  readonly name: string
  readonly url: string
  readonly config: KubeConfig
  readonly objects: KubernetesObjectApi
}

/** How long one API server is given before the next is asked. */
const patienceMs = 10_000

/** The cluster's front door with every API server behind it: a request goes to the next one when one can't be reached. */
export class Kubernetes {
  readonly servers: readonly ApiServer[]

  constructor(servers: readonly { readonly name: string; readonly url: string; readonly kubeconfig: string }[]) {
    this.servers = servers.map(({ name, url, kubeconfig }) => {
      const config = new KubeConfig()
      config.loadFromString(kubeconfig)
      return { name, url, config, objects: KubernetesObjectApi.makeApiClient(config) }
    })
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
    throw new HoldfastError(
      'HF_NO_API_SERVER',
      `No API server answered: ${last instanceof Error ? last.message : String(last)}.`,
      {
        hint: "Look at kube-apiserver.log in the run's folder.",
        cause: last,
      },
    )
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

export function isConflict(error: unknown): boolean {
  return error instanceof ApiException && error.code === 409
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiException && error.code === 404
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
