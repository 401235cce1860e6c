import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Stream = RecordOf<'stream'>

/** How one watch ended: with the revision up to which it has told all. */
export interface StreamEnd {
  readonly last: number
  readonly end: NonNullable<Stream['end']>
  readonly compacted?: number
  readonly reason: string
  /** The object that changes last of all has changed. */
  readonly complete?: boolean
}

/** Changes last of all, when everybody else has stopped: who has seen that has seen everything. */
export const lastKey = 'object-last'

let streams = 0

/** One watch, from its start to its end in the journal. `follow` is given the stream's id, and never throws. */
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
