import { setTimeout as delay } from 'node:timers/promises'
import type { KubernetesObject } from '@kubernetes/client-node'
import type { BrokenCluster } from './broken-cluster.ts'

/** To read it takes a process a good part of a thousandth of a second; an object's annotations may be no more than twice as long. */
const long = 'x'.repeat(120_000)
const everyMs = 20
const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'busy', namespace: 'default' } }

/**
 * Gives those something to do that sleep until something changes: a Service comes and goes, which is work for kube-proxy, and a
 * long annotation of each Node changes, which is for whoever watches Nodes (flanneld). Nothing of it is there any more once disposed.
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
    await this.#on.becomes('the changes to be undone', async () => {
      for (const node of this.#nodes(null)) await kubernetes.merge(node)
      await kubernetes.delete(service)
      return true
    })
  }

  async #change(): Promise<void> {
    const { kubernetes } = this.#on.own.cluster
    for (let n = 0; !this.#ended.signal.aborted; n++) {
      // What is slowed down meanwhile may refuse: then it is busy.
      const changes = this.#nodes(`${n}${long}`).map((node) => kubernetes.merge(node))
      const spec = { selector: { app: 'nobody' }, ports: [{ port: 80 }] }
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
