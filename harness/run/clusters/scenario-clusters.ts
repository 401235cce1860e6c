import type { Choice } from '../../cluster/distribution/choose.ts'
import { topology } from '../../cluster/topology.ts'
import { removeRun } from '../orphans/leftovers.ts'
import { type ClusterRequest, type OpenCluster, openCluster } from './open-cluster.ts'

/** Holds at most one open cluster, of the topology that the current scenario needs. */
export class ScenarioClusters implements AsyncDisposable {
  readonly #request: Omit<ClusterRequest, 'shape' | 'choice'>
  readonly #choice: Choice
  #open: (OpenCluster & { readonly topology: string }) | undefined

  constructor(request: Omit<ClusterRequest, 'shape' | 'choice'>, choice: Choice) {
    this.#request = request
    this.#choice = choice
  }

  /** Returns the open cluster if it has this topology, or replaces it by a fresh one. */
  async forTopology(name: string): Promise<OpenCluster> {
    if (this.#open && this.#open.topology !== name) await this.discard()
    if (this.#open) return this.#open
    const { run } = this.#request
    try {
      const open = await openCluster({ ...this.#request, choice: this.#choice, shape: topology(name) })
      this.#open = { ...open, topology: name }
      return this.#open
    } catch (error) {
      // A half-booted cluster would conflict with the next one.
      await removeRun(run)
      throw error
    }
  }

  /** Removes the open cluster even if it was to be kept. */
  async discard(): Promise<void> {
    await this.#open?.discard()
    this.#open = undefined
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.close()
  }
}
