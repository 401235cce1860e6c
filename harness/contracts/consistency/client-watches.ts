import type { Stream, StreamEvent } from '../../judge/history/watches/streams.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'

export interface Watched {
  /** Watches of clients; 0 where the recording holds no history. */
  readonly streams: number
  readonly interrupted: number
  readonly events: number
}

export function interrupted(recording: Recording, store: 'etcd' | 'apiserver'): RecordOf<'stream'>[] {
  return recording.of('stream').filter((one) => one.store === store && one.edge === 'ended' && one.end !== 'closed')
}

export function marksOf(streams: readonly Stream[]): StreamEvent[] {
  return streams.flatMap(({ events }) => events.filter(({ type }) => type === 'bookmark'))
}

export function eventsOf(streams: readonly Stream[]): number {
  return streams.reduce((sum, { events }) => sum + events.length, 0)
}
