import { setTimeout as delay } from 'node:timers/promises'
import { HoldfastError } from './errors.ts'

export interface Patience {
  readonly everyMs?: number
  readonly withinMs: number
  readonly signal?: AbortSignal | undefined
  /** What the fact looked at last, for the error; it is not called before the time is over. Default: what the fact returned. */
  readonly lastSeen?: () => unknown
}

/** HF_NOT_IN_TIME: a wait that ended without its fact. The fields are for records, the message is for people. */
export class NotInTime extends HoldfastError {
  readonly what: string
  readonly afterMs: number
  /** The last error of the fact, the last call that was not answered, or what was looked at last. */
  readonly lastSeen: unknown

  constructor(what: string, afterMs: number, lastSeen: unknown) {
    super('HF_NOT_IN_TIME', `Waited ${afterMs} ms for ${what}; last seen: ${inWords(lastSeen)}.`, {
      hint: "Look at the component's log in the run's folder.",
    })
    this.what = what
    this.afterMs = afterMs
    this.lastSeen = lastSeen
  }
}

const defaultEveryMs = 50

/** A wait that goes on in this process. */
export interface Wait {
  readonly what: string
  /** Milliseconds of performance.now(). */
  readonly began: number
  readonly lastSeen: string
}

const going = new Set<Wait>()

/** What this process waits for now, the longest wait first: a person who sees nothing happen is told. */
export function waitsNow(): readonly Wait[] {
  return [...going]
}

/**
 * Waits until `fact` returns something other than undefined or false, and returns that. An error of `fact` counts as
 * "not yet". A fact that does not settle is left to itself when the time is over, or `signal` is aborted.
 * @throws NotInTime HF_NOT_IN_TIME with what was waited for and what was last seen
 */
export async function eventually<T>(
  what: string,
  fact: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience,
): Promise<T> {
  const { withinMs, signal } = patience
  const wait: { -readonly [K in keyof Wait]: Wait[K] } = { what, began: performance.now(), lastSeen: 'nothing yet' }
  const deadline = wait.began + withinMs
  const over = Promise.withResolvers<typeof unsettled>()
  // A wait of no time is one look, however long that takes.
  const timer = withinMs > 0 ? setTimeout(() => over.resolve(unsettled), withinMs) : undefined
  const abort = (): void => over.reject(signal?.reason)
  signal?.addEventListener('abort', abort, { once: true })
  // Nothing may wait for it when the signal is aborted between two looks.
  over.promise.catch(() => undefined)
  let last: NotThere = { is: 'unsettled' }
  going.add(wait)
  try {
    for (;;) {
      signal?.throwIfAborted()
      const seen = await look(fact, over.promise)
      if (seen.is === 'there') return seen.value
      // A look that the end of the time cut off has seen less than the one before.
      if (seen.is !== 'unsettled') last = seen
      wait.lastSeen = inWords(lastSeen(last, patience))
      if (performance.now() >= deadline) throw new NotInTime(what, withinMs, lastSeen(last, patience))
      await delay(patience.everyMs ?? defaultEveryMs, undefined, { signal })
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

async function look<T>(
  fact: () => Promise<T | undefined | false> | T | undefined | false,
  over: Promise<typeof unsettled>,
): Promise<Seen<T>> {
  let settled: Promise<Seen<T>>
  try {
    const answer = fact()
    // What is there at once is seen also when the time is over: a wait of no time is one look.
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

function lastSeen(seen: NotThere, patience: Patience): unknown {
  if (seen.is === 'failed') return seen.error instanceof Error ? seen.error.message : String(seen.error)
  if (patience.lastSeen) return patience.lastSeen()
  return seen.is === 'unsettled' ? 'a call that was not answered' : seen.value
}

export function inWords(seen: unknown): string {
  if (typeof seen === 'string') return seen
  return seen === undefined ? 'nothing' : JSON.stringify(seen)
}

/**
 * Watches that `fact` stays true for the whole time: for "nothing happens" there is no event to wait for.
 * @throws HoldfastError HF_DID_NOT_HOLD at the first time it is false
 */
export async function holdsFor(
  what: string,
  fact: () => Promise<boolean> | boolean,
  patience: { readonly everyMs?: number; readonly forMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const end = performance.now() + patience.forMs
  for (;;) {
    patience.signal?.throwIfAborted()
    if (!(await fact())) {
      throw new HoldfastError('HF_DID_NOT_HOLD', `${what} did not hold for ${patience.forMs} ms.`, {
        hint: "Look at the timeline in the run's report.",
      })
    }
    if (performance.now() >= end) return
    await delay(patience.everyMs ?? defaultEveryMs, undefined, { signal: patience.signal })
  }
}
