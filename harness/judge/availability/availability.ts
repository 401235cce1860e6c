import type { JournalRecord } from '../../record/records.ts'
import { type Interval, during } from '../faults/fault-windows.ts'

/** One use of what has to be available. */
export interface Try {
  /** When it began and when it was answered or given up, milliseconds. */
  readonly at: number
  readonly endedAt: number
  readonly ok: boolean
  /** A process that waits for a processor may explain its failure. */
  readonly soft: boolean
  readonly record: JournalRecord
}

/** What tries outside of every excuse show. A doubtful failure is a soft one in a time of host noise. */
export interface Availability {
  readonly tries: number
  readonly failed: number
  readonly doubtful: number
  /** The longest time in which certainly every try failed, and the longest if doubtful failures count too. */
  readonly longestMs: number
  readonly longestDoubtfulMs: number
  /** The failures that are certain. */
  readonly failures: readonly Try[]
}

/** Judges tries that lie wholly in one of some times; a gap never spans two of them. `noisy` is in order. */
export function availability(
  tries: readonly Try[],
  times: readonly Interval[],
  noisy: readonly Interval[],
): Availability {
  const ordered = tries.toSorted((a, b) => a.at - b.at)
  const parts = times.map(({ from, until }) => ordered.filter(({ at, endedAt }) => from <= at && endedAt <= until))
  const isDoubtful = (one: Try): boolean => !one.ok && one.soft && noisy.some((time) => during(time, one.at))
  const own = parts.flat()
  const failures = own.filter((one) => !one.ok && !isDoubtful(one))
  return {
    tries: own.length,
    failed: failures.length,
    doubtful: own.filter(isDoubtful).length,
    longestMs: longest(parts, (one) => !one.ok && !isDoubtful(one)),
    longestDoubtfulMs: longest(parts, ({ ok }) => !ok),
    failures,
  }
}

/** From the first to the last of tries in a row that fit: so long it was at least. */
function longest(parts: readonly (readonly Try[])[], fits: (one: Try) => boolean): number {
  let most = 0
  for (const part of parts) {
    let from: number | undefined
    for (const one of part) {
      from = fits(one) ? (from ?? one.at) : undefined
      if (from !== undefined) most = Math.max(most, one.at - from)
    }
  }
  return most
}
