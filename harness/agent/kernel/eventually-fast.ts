import { setImmediate as turn } from 'node:timers/promises'
import { eventually } from '../../common/eventually.ts'

/** A kernel's immediate actions complete within this time, of which a timer's shortest wait, a millisecond, is a large part. */
const atOnceMs = 20

/**
 * Waits for a fact that is read in microseconds and mostly comes true in a few milliseconds: reads it in every turn of the
 * event loop at first, and then every millisecond.
 * @throws HoldfastError HF_NOT_IN_TIME as `eventually` does
 */
export async function eventuallyFast<T>(what: string, fact: () => T | undefined | false, withinMs: number): Promise<T> {
  const until = performance.now() + atOnceMs
  while (performance.now() < until) {
    const seen = fact()
    if (seen !== undefined && seen !== false) return seen
    await turn()
  }
  return eventually(what, fact, { timeoutMs: withinMs, intervalMs: 1 })
}
