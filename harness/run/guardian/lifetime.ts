import { Guardian } from './guardian.ts'
import { removeRun } from '../orphans/leftovers.ts'
import { outliveEngine } from './outlive-engine.ts'

/**
 * Lasts from before a run's first Docker object until after its last, and guarantees that none stays behind. Objects that can't
 * be removed now (the engine is gone) are left to the guardian, which waits for the engine.
 */
export class Lifetime implements AsyncDisposable {
  readonly #run: string
  readonly #guardian: Guardian
  #kept = false

  private constructor(run: string, folder: string) {
    this.#run = run
    this.#guardian = new Guardian(run, folder)
  }

  /** `folder` is the run's folder; the guardian writes its log there. */
  static begin(run: string, folder: string): Promise<Lifetime> {
    return Promise.resolve(new Lifetime(run, folder))
  }

  /** Keeps the cluster until `holdfast down`. */
  async keep(): Promise<void> {
    await outliveEngine(this.#run)
    this.#kept = true
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#kept) return this.#guardian.standDown()
    try {
      await removeRun(this.#run)
    } catch (error) {
      this.#guardian.takeOver()
      throw error
    }
    await this.#guardian.standDown()
  }
}
