import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from '../common/error-message.mjs'
import { HoldfastError } from '../common/errors.ts'
import { eventually, formatObserved, NotInTime, type WaitOptions } from '../common/eventually.ts'
import { now } from '../record/clock.ts'
import type { RecordOf } from '../record/records.ts'

export type ScenarioWaitOptions = Pick<WaitOptions, 'timeoutMs' | 'intervalMs'>

export interface ConsistentlyOptions {
  readonly forMs: number
  /** Pause between two checks, milliseconds. Default: 50. */
  readonly intervalMs?: number
}

const defaultIntervalMs = 50

type Observe = (record: RecordOf<'observation'>) => void
type Check<T> = () => Promise<T | undefined | false> | T | undefined | false

/**
 * Waits of a scenario. Until the cluster is under test an unsatisfied condition is a failed precondition, and throws. From
 * then on each wait records what it observed and the scenario goes on: contracts decide what it means.
 */
export class Waits {
  readonly #observe: Observe
  readonly #signal: AbortSignal
  #underTest = false

  constructor(observe: Observe, signal: AbortSignal) {
    this.#observe = observe
    this.#signal = signal
  }

  /** The first fault is about to be injected, or the scenario tests the cluster without one. */
  beginTest(): void {
    this.#underTest = true
  }

  /**
   * Resolves with the first value of `check` that is neither undefined nor false. Under test it resolves with undefined when the
   * time has passed. @throws HoldfastError HF_NOT_IN_TIME before the test
   */
  until<T>(condition: string, check: Check<T>, { timeoutMs, intervalMs }: ScenarioWaitOptions): Promise<T | undefined> {
    const interval = intervalMs === undefined ? {} : { intervalMs }
    return this.attempt(condition, () => eventually(condition, check, { timeoutMs, ...interval, signal: this.#signal }))
  }

  /** The same for an operation that throws HF_NOT_IN_TIME itself. */
  async attempt<T>(condition: string, wait: () => Promise<T>): Promise<T | undefined> {
    const at = now()
    const observed = (satisfied: boolean, lastSeen: string): void =>
      this.#observe({ kind: 'observation', at, condition, satisfied, afterMs: now() - at, lastSeen })
    try {
      const value = await wait()
      observed(true, 'satisfied')
      return value
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!(error instanceof HoldfastError) || error.code !== 'HF_NOT_IN_TIME') throw error
      observed(false, error instanceof NotInTime ? formatObserved(error.lastSeen) : error.message)
      if (!this.#underTest) throw error
      return undefined
    }
  }

  /** Whether `check` stayed true for the whole time. The first false, or error, ends the observation. */
  async consistently(condition: string, check: Check<unknown>, options: ConsistentlyOptions): Promise<boolean> {
    const at = now()
    const end = at + options.forMs
    let broken = await whyFalse(check)
    while (broken === undefined && now() < end) {
      await delay(options.intervalMs ?? defaultIntervalMs, undefined, { signal: this.#signal })
      broken = await whyFalse(check)
    }
    const satisfied = broken === undefined
    const lastSeen = broken ?? 'true all the time'
    this.#observe({ kind: 'observation', at, condition, satisfied, afterMs: now() - at, lastSeen })
    return satisfied
  }
}

async function whyFalse(check: Check<unknown>): Promise<string | undefined> {
  try {
    return (await check()) ? undefined : 'it became false'
  } catch (error) {
    return errorMessage(error)
  }
}
