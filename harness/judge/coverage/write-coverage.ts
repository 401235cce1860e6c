import { requireRecords } from './required-records.ts'
import type { Interval } from '../faults/fault-windows.ts'
import type { Recording } from '../recording/recording.ts'

/** The ledger writes five times a second through each member and API server; a write without an answer delays the next one. */
const longestGapMs = 5_000

/**
 * Throws where a ledger's writes through a member or API server are missing in the interval. A ledger begins and ends within a
 * scenario: only the time between its first and its last write counts.
 * @throws InconclusiveError NOT_WRITTEN, HOST_NOISE
 */
export function requireWrites(recording: Recording, places: readonly string[], { from, until }: Interval): void {
  const all = recording.of('write')
  const ends = all.map(({ endedAt }) => endedAt)
  const [begins, stops] = [all[0]?.at ?? Infinity, ends.reduce((most, at) => Math.max(most, at), -Infinity)]
  for (const via of places) {
    const times = all.flatMap((one) => (one.via === via ? [one.at, one.endedAt] : [])).sort((a, b) => a - b)
    const needed = { description: `A ledger write through ${via}`, code: 'NOT_WRITTEN', values: { via } }
    const time = { from: Math.max(from, begins), until: Math.min(until, stops) }
    if (times.length > 0) requireRecords(recording, needed, times, time, longestGapMs)
  }
}
