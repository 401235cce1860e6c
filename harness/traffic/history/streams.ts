import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Stream = RecordOf<'stream'>

/** How one watch ended, with the revision up to which it reported everything. */
export interface StreamEnd {
  readonly last: number
  readonly end: NonNullable<Stream['end']>
  readonly compacted?: number
  readonly reason: string
  /** The object that changes last of all has changed. */
  readonly complete?: boolean
}

/** Changes last of all, after all writers have stopped: a watch that reported it has reported everything. */
export const lastKey = 'object-last'

let streams = 0

/** Records the start and the end of one watch. `follow` receives the stream's id, and never throws. */
export async function recorded(
  about: Pick<Stream, 'client' | 'via' | 'store' | 'since'>,
  emit: (record: JournalRecord) => void,
  follow: (id: string) => Promise<StreamEnd>,
): Promise<StreamEnd> {
  const base = { kind: 'stream', id: `stream${++streams}`, ...about } as const
  emit({ ...base, at: now(), edge: 'opened' })
  const found = await follow(base.id)
  const { last: _, complete: __, ...ended } = found
  emit({ ...base, at: now(), edge: 'ended', ...ended })
  return found
}
