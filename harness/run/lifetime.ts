import { Guardian } from './guardian.ts'
import { removeRun } from './leftovers.ts'
import { outliveEngine } from './outlive-engine.ts'

/**
 * From before the first Docker object of a run until after the last: whatever happens in between, nothing stays behind.
 * What can't be removed now (the engine is gone) is left to the guardian, which waits for it.
 */
export class Lifetime implements AsyncDisposable {
  readonly #run: string
  readonly #guardian: Guardian
  #kept = false

  private constructor(run: string, folder: string) {
    this.#run = run
    this.#guardian = new Guardian(run, folder)
  }

  /** `folder` is the run's own, where the guardian writes its log. */
  static begin(run: string, folder: string): Promise<Lifetime> {
    return Promise.resolve(new Lifetime(run, folder))
  }

  /** The cluster is a person's from here on, until `holdfast down`. */
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
