import { durationMs } from '../duration.ts'
import { HoldfastError } from '../errors.ts'

/** The time after which a scenario ends, whatever it waits for; its signal also aborts with the run's. */
export class Deadline implements Disposable {
  readonly signal: AbortSignal
  readonly #timer: NodeJS.Timeout
  readonly #run: AbortSignal

  /** `time` is a duration such as `30m`. @throws HoldfastError HF_BAD_DURATION */
  constructor(time: string, run: AbortSignal) {
    const passed = new AbortController()
    this.#run = run
    this.#timer = setTimeout(() => passed.abort(overdue(time)), durationMs(time))
    this.signal = AbortSignal.any([run, passed.signal])
  }

  /** Resolves as `work` does, or rejects with the signal's reason as soon as that aborts: work that ignores it is left behind. */
  async race(work: Promise<void>): Promise<void> {
    const { signal } = this
    const ended = Promise.withResolvers<never>()
    const abort = (): void => ended.reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await Promise.race([work, ended.promise])
    } catch (error) {
      // Waits end with an error of their own when the signal aborts; its reason is what ended the scenario.
      throw signal.aborted && !this.#run.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', abort)
    }
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }
}

function overdue(time: string): HoldfastError {
  return new HoldfastError('HF_SCENARIO_DEADLINE', `The scenario did not end within its deadline of ${time}.`, {
    hint: "Find the condition that it waited for in the report's observations, or set a longer `deadline`.",
  })
}
