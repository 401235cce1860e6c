import type { Interval } from '../faults/fault-windows.ts'

/** The parts of a time that no other one covers, in order. */
export function without(time: Interval, others: readonly Interval[]): Interval[] {
  let left: Interval[] = time.from < time.until ? [time] : []
  for (const { from, until } of others) {
    left = left.flatMap((one) =>
      [
        { from: one.from, until: Math.min(one.until, from) },
        { from: Math.max(one.from, until), until: one.until },
      ].filter((part) => part.from < part.until),
    )
  }
  return left.sort((a, b) => a.from - b.from)
}

/** The length of the longest one; 0 for an empty list. */
export function longestMs(times: readonly Interval[]): number {
  return Math.max(0, ...times.map(({ from, until }) => until - from))
}

/** The latest time up to `at` that one of them still covers; `from` where that is later. */
export function lastEnd(times: readonly Interval[], from: number, at: number): number {
  return Math.max(from, ...times.filter((one) => one.from < at).map(({ until }) => Math.min(until, at)))
}

/** Merges times that touch or overlap; in order. */
export function merged(times: readonly Interval[]): Interval[] {
  const found: { from: number; until: number }[] = []
  for (const { from, until } of times.toSorted((a, b) => a.from - b.from)) {
    const last = found.at(-1)
    if (last && from <= last.until) last.until = Math.max(last.until, until)
    else found.push({ from, until })
  }
  return found
}
