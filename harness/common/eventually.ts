import { setTimeout as delay } from 'node:timers/promises'
import { errorMessage } from './error-message.mjs'
import { HoldfastError } from './errors.ts'

export interface WaitOptions {
  readonly timeoutMs: number
  /** Pause between two checks, milliseconds. Default: 50. */
  readonly intervalMs?: number
  readonly signal?: AbortSignal | undefined
  /** Returns the last observation for the error; called only after the timeout. Default: the value that the condition returned. */
  readonly lastSeen?: () => unknown
}

/** HF_NOT_IN_TIME: a wait that timed out. Records use the fields, people read the message. */
export class NotInTime extends HoldfastError {
  readonly what: string
  readonly afterMs: number
  /** The last error of the condition, an unanswered call, or the last observation. */
  readonly lastSeen: unknown

  constructor(what: string, afterMs: number, lastSeen: unknown) {
    super(
      'HF_NOT_IN_TIME',
      `Timed out after ${afterMs} ms waiting for ${what}; last seen: ${formatObserved(lastSeen)}.`,
      {
        hint: "Read the component's log in the run's folder.",
      },
    )
    this.what = what
    this.afterMs = afterMs
    this.lastSeen = lastSeen
  }
}

const defaultIntervalMs = 50

/** A wait that is in progress in this process. */
export interface Wait {
  readonly what: string
  /** Milliseconds of performance.now(). */
  readonly began: number
  readonly lastSeen: string
}

const going = new Set<Wait>()

/** Returns the waits in progress, longest first, to show why nothing happens. */
export function waitsNow(): readonly Wait[] {
  return [...going]
}

/**
 * Polls `fact` until it returns a value other than undefined or false, and returns that value. An error of `fact` counts as
 * "not yet". A call that does not settle is abandoned at the timeout or when `signal` aborts.
 * @throws NotInTime HF_NOT_IN_TIME with the condition and the last observation
 */
export async function eventually<T>(
  what: string,
  fact: () => Promise<T | undefined | false> | T | undefined | false,
  options: WaitOptions,
): Promise<T> {
  const { timeoutMs, signal } = options
  const wait: { -readonly [K in keyof Wait]: Wait[K] } = { what, began: performance.now(), lastSeen: 'nothing yet' }
  const deadline = wait.began + timeoutMs
  const over = Promise.withResolvers<typeof unsettled>()
  // A timeout of 0 polls once, however long that call takes.
  const timer = timeoutMs > 0 ? setTimeout(() => over.resolve(unsettled), timeoutMs) : undefined
  const abort = (): void => over.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  // Prevents an unhandled rejection when the signal aborts between two calls.
  over.promise.catch(() => undefined)
  let last: NotThere = { is: 'unsettled' }
  going.add(wait)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const seen = await evaluate(fact, over.promise)
      if (seen.is === 'there') return seen.value
      // A call that the timeout cut off must not hide the observation of the call before.
      if (seen.is !== 'unsettled') last = seen
      wait.lastSeen = formatObserved(lastSeen(last, options))
      if (performance.now() >= deadline) throw new NotInTime(what, timeoutMs, lastSeen(last, options))
      await delay(options.intervalMs ?? defaultIntervalMs, undefined, { signal })
    }
  } finally {
    going.delete(wait)
    clearTimeout(timer)
    signal?.removeEventListener('abort', abort)
  }
}

const unsettled = Symbol('the last look did not end')

type Seen<T> = { readonly is: 'there'; readonly value: T } | NotThere

type NotThere =
  | { readonly is: 'not yet'; readonly value: undefined | false }
  | { readonly is: 'failed'; readonly error: unknown }
  | { readonly is: 'unsettled' }

async function evaluate<T>(
  fact: () => Promise<T | undefined | false> | T | undefined | false,
  over: Promise<typeof unsettled>,
): Promise<Seen<T>> {
  let settled: Promise<Seen<T>>
  try {
    const answer = fact()
    // A synchronous result counts after the timeout too: a timeout of 0 polls once.
    if (!(answer instanceof Promise)) return seenOf(answer)
    settled = answer.then(seenOf<T>, (error: unknown): Seen<T> => ({ is: 'failed', error }))
  } catch (error) {
    return { is: 'failed', error }
  }
  const first = await Promise.race([settled, over])
  return first === unsettled ? { is: 'unsettled' } : first
}

function seenOf<T>(value: T | undefined | false): Seen<T> {
  if (value === undefined || value === false) return { is: 'not yet', value: value === false ? false : undefined }
  return { is: 'there', value }
}

function lastSeen(seen: NotThere, options: WaitOptions): unknown {
  if (seen.is === 'failed') return errorMessage(seen.error)
  if (options.lastSeen) return options.lastSeen()
  return seen.is === 'unsettled' ? 'a call that was not answered' : seen.value
}

export function formatObserved(seen: unknown): string {
  if (typeof seen === 'string') return seen
  return seen === undefined ? 'nothing' : JSON.stringify(seen)
}

/**
 * Checks that `fact` stays true for the whole time; there is no event to wait for when nothing should happen.
 * @throws HoldfastError HF_DID_NOT_HOLD when it is false
 */
export async function consistently(
  what: string,
  fact: () => Promise<boolean> | boolean,
  options: { readonly intervalMs?: number; readonly forMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const end = performance.now() + options.forMs
  for (;;) {
    options.signal?.throwIfAborted()
    if (!(await fact())) {
      throw new HoldfastError('HF_DID_NOT_HOLD', `${what} did not hold for ${options.forMs} ms.`, {
        hint: "See the timeline in the run's report.",
      })
    }
    if (performance.now() >= end) return
    await delay(options.intervalMs ?? defaultIntervalMs, undefined, { signal: options.signal })
  }
}
