import type { JournalRecord } from '../record/records.ts'

/**
 * What to add to a machine's times to have them on our clock. Zero where both read the same one, as all containers of a
 * host do: a difference within the time that asking took is none. Not zero where the engine lives in a virtual machine.
 * `asked` and `answered` are ours, `told` is what the machine read in between; milliseconds.
 */
export function clockOffset(asked: number, told: number, answered: number): number {
  const offset = (asked + answered) / 2 - told
  return Math.abs(offset) <= answered - asked ? 0 : offset
}

/** The record with its times on our clock. */
export function shifted<R extends JournalRecord>(record: R, offset: number): R {
  if (offset === 0) return record
  const times = record as { at: number; sentAt?: number; endedAt?: number; until?: number }
  const moved = { ...record, at: record.at + offset } as typeof times
  for (const time of ['sentAt', 'endedAt', 'until'] as const) {
    if (times[time] !== undefined) moved[time] = times[time] + offset
  }
  return moved as R
}
