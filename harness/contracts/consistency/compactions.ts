import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'

export type EndedStream = RecordOf<'stream'>

/** The revision to which etcd was compacted by then; 0 for none. */
export function compactedBy(recording: Recording, time: number): number {
  return recording.of('compaction').findLast(({ at }) => at <= time)?.revision ?? 0
}

/** The ends of watches that were opened for changes from before a compaction. */
export function watchesBeforeCompaction(recording: Recording, store: 'etcd' | 'apiserver'): EndedStream[] {
  const own = recording.of('stream').filter((one) => one.store === store)
  const late = new Set(
    own.flatMap(({ id, edge, at, since }) => (edge === 'opened' && since < compactedBy(recording, at) ? [id] : [])),
  )
  return own.filter(({ id, edge }) => edge === 'ended' && late.has(id))
}
