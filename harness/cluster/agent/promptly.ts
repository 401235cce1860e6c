import { setImmediate as turn } from 'node:timers/promises'
import { eventually } from '../../eventually.ts'

/** What a kernel does at once is over by then: a timer's shortest wait, a millisecond, would be a good part of it. */
const atOnceMs = 20

/**
 * Waits for something that is seen in microseconds and mostly comes true in a few milliseconds: for so long it is looked at
 * again and again, with everything else that this process has to do between, and then every millisecond.
 * @throws HoldfastError HF_NOT_IN_TIME as `eventually` does
 */
export async function promptly<T>(what: string, fact: () => T | undefined | false, withinMs: number): Promise<T> {
  const until = performance.now() + atOnceMs
  while (performance.now() < until) {
    const seen = fact()
    if (seen !== undefined && seen !== false) return seen
    await turn()
  }
  return eventually(what, fact, { withinMs, everyMs: 1 })
}
