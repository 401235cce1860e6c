import type { JournalRecord } from '../../record/records.ts'

/**
 * Returns the milliseconds to add to a machine's times to convert them to the harness's clock. Zero where both read the
 * same clock, as all containers of a host do: a difference within the round trip counts as none. Not zero where the engine
 * runs in a virtual machine. `asked` and `answered` are the harness's times, `read` is the machine's in between.
 */
export function clockOffset(requestedAt: number, read: number, answered: number): number {
  const offset = (requestedAt + answered) / 2 - read
  return Math.abs(offset) <= answered - requestedAt ? 0 : offset
}

/** Returns the record with its times on the harness's clock. */
export function shifted<R extends JournalRecord>(record: R, offset: number): R {
  if (offset === 0) return record
  const times = record as { at: number; sentAt?: number; endedAt?: number; until?: number }
  const moved = { ...record, at: record.at + offset } as typeof times
  for (const time of ['sentAt', 'endedAt', 'until'] as const) {
    if (times[time] !== undefined) moved[time] = times[time] + offset
  }
  return moved as R
}
