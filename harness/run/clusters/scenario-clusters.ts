import type { Choice } from '../../cluster/distribution/choose.ts'
import { topology } from '../../cluster/topology.ts'
import { errorMessage } from '../../common/error-message.mjs'
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
      await this.#orReport(removeRun(run))
      throw error
    }
  }

  /** Removes the open cluster even if it was to be kept. */
  async discard(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    await this.#orReport(open?.discard())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#orReport(this.#open?.close())
  }

  /** A cluster that Docker does not remove must not keep later scenarios from running: the end of the run removes it. */
  async #orReport(removal: Promise<void> | undefined): Promise<void> {
    try {
      await removal
    } catch (error) {
      this.#request.report(`${errorMessage(error)} The end of the run tries again.`, 'warn')
    }
  }
}
