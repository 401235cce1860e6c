import { setTimeout as delay } from 'node:timers/promises'
import { HoldfastError } from './errors.ts'

export interface Patience {
  readonly everyMs?: number
  readonly withinMs: number
  readonly signal?: AbortSignal | undefined
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
 * Waits until `fact` answers something other than undefined or false, and gives that back. An error of `fact` counts as
 * "not yet" and is told if time runs out.
 * @throws HoldfastError HF_NOT_IN_TIME with what was waited for and what was last seen
 */
export async function eventually<T>(
  what: string,
  fact: () => Promise<T | undefined | false> | T | undefined | false,
  patience: Patience,
): Promise<T> {
  const wait = { what, began: performance.now(), lastSeen: 'nothing yet' }
  going.add(wait)
  try {
    return await seenInTime(wait, fact, patience)
  } finally {
    going.delete(wait)
  }
}

async function seenInTime<T>(
  wait: { -readonly [K in keyof Wait]: Wait[K] },
  fact: () => Promise<T | undefined | false> | T | undefined | false,
  { withinMs, everyMs = defaultEveryMs, signal }: Patience,
): Promise<T> {
  for (;;) {
    signal?.throwIfAborted()
    try {
      const seen = await fact()
      if (seen !== undefined && seen !== false) return seen
      wait.lastSeen = 'not so yet'
    } catch (error) {
      wait.lastSeen = error instanceof Error ? error.message : String(error)
    }
    if (performance.now() >= wait.began + withinMs) {
      throw new HoldfastError(
        'HF_NOT_IN_TIME',
        `Waited ${withinMs} ms for ${wait.what}; last seen: ${wait.lastSeen}.`,
        {
          hint: "Look at the component's log in the run's folder.",
        },
      )
    }
    await delay(everyMs, undefined, { signal })
  }
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
