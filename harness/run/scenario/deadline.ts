import { durationMs } from '../../common/duration.ts'
import { HoldfastError } from '../../common/errors.ts'

/** Ends a scenario after a time, also while it waits. Its signal also aborts with the run's. */
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

  /** Settles like `work`, or rejects with the signal's reason as soon as it aborts, even if `work` ignores the signal. */
  async race(work: Promise<void>): Promise<void> {
    const { signal } = this
    const ended = Promise.withResolvers<never>()
    const abort = (): void => ended.reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    try {
      await Promise.race([work, ended.promise])
    } catch (error) {
      // When the signal aborts, waits throw an error of their own; the signal's reason is the cause.
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
    hint: 'Check its observations for the condition it waited for, or set a longer `deadline`.',
  })
}
