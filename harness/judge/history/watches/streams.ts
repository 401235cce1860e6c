import type { Sight } from '../history.ts'

/** One event of a watch. A bookmark has no key; '' as value is a deletion. */
export interface StreamEvent {
  readonly at: number
  readonly type: 'added' | 'modified' | 'deleted' | 'bookmark'
  readonly key: string
  readonly revision: number
  readonly value: string
  /** Events that arrived together have the same number. */
  readonly batch: number
}

/** One watch on one server, from its start to its end. It has to report all changes after `since`. */
export interface Stream {
  readonly id: string
  readonly client: string
  readonly via: string
  readonly since: number
  readonly from: number
  readonly events: readonly StreamEvent[]
}

/** The revision up to which a stream is complete: its last event or bookmark. */
export function horizon({ since, events }: Stream): number {
  return events.at(-1)?.revision ?? since
}

/** `watcher1 through control-plane1 from 120` */
export const formatStream = ({ client, via, since }: Stream): string => `${client} through ${via} from ${since}`

/** The report of a watch at one moment, on its client's lane. */
export function sightIn({ client, via }: Stream, { at, type, key, revision, value }: StreamEvent, shows = true): Sight {
  const what =
    type === 'bookmark' ? 'bookmark' : `${type} ${key}${type === 'deleted' || value === '' ? '' : `=${value}`}`
  const description = `${client} through ${via} received: ${what} at ${revision}`
  return { client, call: at, end: at, writes: false, shows, description }
}
