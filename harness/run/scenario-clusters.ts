import type { Choice } from '../cluster/distribution/choose.ts'
import { topology } from '../cluster/topology.ts'
import { removeRun } from './leftovers.ts'
import { type ClusterRequest, type OpenCluster, openCluster } from './open-cluster.ts'

/** At most one open cluster, of the topology that is needed. */
export class ScenarioClusters implements AsyncDisposable {
  readonly #request: Omit<ClusterRequest, 'shape' | 'choice'>
  readonly #choice: Choice
  #open: (OpenCluster & { readonly topology: string }) | undefined

  constructor(request: Omit<ClusterRequest, 'shape' | 'choice'>, choice: Choice) {
    this.#request = request
    this.#choice = choice
  }

  /** The open cluster if it has that topology, or a fresh one in its place. */
  async forTopology(name: string): Promise<OpenCluster> {
    if (this.#open && this.#open.topology !== name) await this.discard()
    if (this.#open) return this.#open
    const { run } = this.#request
    try {
      const open = await openCluster({ ...this.#request, choice: this.#choice, shape: topology(name) })
      this.#open = { ...open, topology: name }
      return this.#open
    } catch (error) {
      // Half a cluster would be in the way of the next one.
      await removeRun(run)
      throw error
    }
  }

  /** Removes the open cluster, also where it was to be kept. */
  async discard(): Promise<void> {
    await this.#open?.discard()
    this.#open = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.close()
  }
}
