import { setTimeout as delay } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'
import type { BrokenCluster } from './broken-cluster.ts'

/** Takes a process about a millisecond to parse. The API server allows annotations of at most twice this length. */
const long = 'x'.repeat(120_000)
const everyMs = 20
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'busy', namespace: 'default' } }

/**
 * Keeps idle components busy: creates and deletes a Service, which kube-proxy watches, and changes a long annotation of each Node,
 * which flanneld watches. Disposing removes the Service and the annotations.
 */
export class Busy implements AsyncDisposable {
  readonly #on: BrokenCluster
  readonly #ended = new AbortController()
  readonly #changing: Promise<void>

  constructor(on: BrokenCluster) {
    this.#on = on
    this.#changing = this.#change()
  }

  async end(): Promise<void> {
    this.#ended.abort()
    await this.#changing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
    const { kubernetes } = this.#on.own.cluster
    await this.#on.becomes('the changes to be reverted', async () => {
      for (const node of this.#nodes(null)) await kubernetes.merge(node)
      await kubernetes.delete(service)
      return true
    })
  }

  async #change(): Promise<void> {
    const { kubernetes } = this.#on.own.cluster
    for (let n = 0; !this.#ended.signal.aborted; n++) {
      // A slowed component may refuse a request: then it is busy.
      const changes = this.#nodes(`${n}${long}`).map((node) => kubernetes.merge(node))
      const spec = { selector: { app: 'absent' }, ports: [{ port: 80 }] }
      const flips =
        n % 2 === 0 ? kubernetes.apply({ ...service, spec } as KubernetesObject) : kubernetes.delete(service)
      await Promise.allSettled([...changes, flips])
      await delay(everyMs)
    }
  }

  #nodes(value: string | null): KubernetesObject[] {
    const annotations = { 'holdfast/test': value } as Record<string, string>
    return this.#on.own.cluster.nodes.map(({ name }) => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name, annotations },
    }))
  }
}
