import { uniformInt } from 'pure-rand/distribution/uniformInt'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { Change } from '../history/watches/change-log.ts'
import type { Listing } from '../history/snapshots.ts'
import type { Stream, StreamEvent } from '../history/watches/streams.ts'
import { oneOf } from './histories.ts'

export interface WatchShape {
  readonly seed: number
  readonly revisions: number
  readonly keys: number
}

/** A change as a watch reports it. */
interface Event extends Change {
  readonly type: 'added' | 'modified' | 'deleted'
}

export interface Watched {
  readonly changes: readonly Change[]
  /** A watch without a break, and one that resumed again and again, each time after the last reported revision. */
  readonly streams: readonly Stream[]
  readonly listings: readonly Listing[]
}

/**
 * Possible reports of watches and lists of a store that keeps its guarantees; some revisions change several objects.
 */
export function validWatch({ seed, revisions, keys }: WatchShape): Watched {
  const random = xorshift128plus(seed)
  const draw = (below: number): number => uniformInt(random, 0, below - 1)
  const changes: Event[] = []
  const state = new Map<string, { revision: number; value: string }>()
  const about = { client: 'lister', via: 'server1', exactly: 0 }
  const listings: Listing[] = [{ ...about, id: -1, call: -1, end: -1, parts: [100], items: new Map() }]
  let [revision, values] = [100, 0]
  for (let n = 0; n < revisions; n++) {
    revision += 1 + draw(3)
    for (let key = draw(keys), many = draw(3) === 0 ? 3 : 1; many > 0 && key < keys; key++, many--) {
      const name = `k${key}`
      const value = state.has(name) && draw(4) === 0 ? '' : `v${values++}`
      const type = value === '' ? 'deleted' : state.has(name) ? 'modified' : 'added'
      changes.push({ type, key: name, revision, value })
      if (value === '') state.delete(name)
      else state.set(name, { revision, value })
    }
    if (draw(4) === 0) {
      const parts = Array.from({ length: 1 + draw(3) }, () => revision)
      listings.push({ ...about, id: n, call: n, end: n, parts, items: new Map(state) })
    }
  }
  const whole = stream('whole', 100, changes, random)
  const broken: Stream[] = []
  for (let since = 100, left = changes; left.length > 0;) {
    const many = 1 + draw(left.length)
    const last = left[many - 1]?.revision ?? 0
    const part = left.filter((change) => change.revision <= last)
    const own = stream(`part${broken.length}`, since, part, random)
    broken.push(own)
    since = own.events.at(-1)?.revision ?? since
    left = left.slice(part.length)
  }
  return { changes, streams: [whole, ...broken], listings }
}

function stream(client: string, since: number, changes: readonly Event[], random: RandomGenerator): Stream {
  const events: StreamEvent[] = []
  const last = changes.at(-1)?.revision ?? since
  for (const [n, { type, key, revision, value }] of changes.entries()) {
    if (revision !== changes[n - 1]?.revision && uniformInt(random, 0, 5) === 0) {
      const mark = changes[n - 1]?.revision ?? since
      events.push({ at: n, type: 'bookmark', key: '', revision: mark, value: '', batch: -n })
    }
    events.push({ at: n, type, key, revision, value, batch: revision })
  }
  events.push({ at: changes.length, type: 'bookmark', key: '', revision: last, value: '', batch: -changes.length - 1 })
  return { id: client, client, via: `server${uniformInt(random, 1, 2)}`, since, from: 0, events }
}

type Change1 = (events: readonly StreamEvent[], index: number, random: RandomGenerator) => StreamEvent[] | undefined

/** Each breaks one watch in one place, at a change that is followed by another one. */
export const watchMutations: Readonly<Record<string, Change1>> = {
  'one lost event': (events, index) => events.toSpliced(index, 1),
  'one doubled event': (events, index) => events.toSpliced(index, 0, events[index] as StreamEvent),
  'two reordered events': (events, index) => {
    const [one, other] = [events[index], events[index + 1]]
    if (!one || !other || other.type === 'bookmark' || other.revision === one.revision) return undefined
    return events.toSpliced(index, 2, other, one)
  },
  'one invented event': (events, index) => {
    const event = events[index] as StreamEvent
    return events.toSpliced(index, 0, { ...event, key: 'ghost', revision: event.revision })
  },
  'one event with another value': (events, index) => {
    const event = events[index] as StreamEvent
    return events.toSpliced(index, 1, { ...event, type: 'modified', value: 'never written' })
  },
  'a bookmark that is ahead of the reported changes': (events, index) => {
    const event = events[index] as StreamEvent
    return events.toSpliced(index, 0, { ...event, type: 'bookmark', key: '', value: '', batch: 1e9 })
  },
  'one revision in two parts': (events, index) => {
    const [one, other] = [events[index], events[index + 1]]
    if (!one || one.revision !== other?.revision || other.type === 'bookmark') return undefined
    return events.toSpliced(index, 1, { ...one, batch: 1e9 })
  },
  'a watch that resumes too late': (events, index) => events.slice(index + 1),
  'a watch that resumes too early': (events, index, random) => {
    const early = oneOf(
      events.slice(0, index + 1).filter(({ type }) => type !== 'bookmark'),
      random,
    )
    return early && [{ ...early, revision: 99 }, ...events]
  },
}
