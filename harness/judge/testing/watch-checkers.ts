import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { changeLog } from '../history/watches/change-log.ts'
import { inventedEvents } from '../history/watches/invented-events.ts'
import { snapshots } from '../history/snapshots.ts'
import type { Stream, StreamEvent } from '../history/watches/streams.ts'
import { brokenGuarantees } from '../history/watches/watch-guarantees.ts'
import { type Case, type Checker, confirmed, historyOf, type Kind, replaced } from './checker.ts'
import { oneOf } from './histories.ts'
import { validWatch, watchMutations } from './watches.ts'

const watchOf = (seed: number) => validWatch({ seed, revisions: 40, keys: 4 })
const eventNames = {
  lost: 'one lost event',
  doubled: 'one doubled event',
  reordered: 'two reordered events',
  invented: 'one invented event',
} as const

/** A watch's events with one error, at a change that is followed by another one. */
function brokenEvents(events: readonly StreamEvent[], random: RandomGenerator, kind: Kind): StreamEvent[] | undefined {
  const places = events.flatMap(({ type }, n) => (type === 'bookmark' ? [] : [n]))
  const index = oneOf(places, random)
  return index === undefined ? undefined : watchMutations[eventNames[kind]]?.(events, index, random)
}

const watches: Case = (seed, random, kind) => {
  const { streams } = watchOf(seed)
  const victim = oneOf(streams.slice(1), random)
  const events = kind && victim ? brokenEvents(victim.events, random, kind) : victim?.events
  if (!victim || !events) return undefined
  const reported = replaced(streams, victim, { ...victim, events })
  const { log, violations } = changeLog(reported, [])
  return [...violations, ...brokenGuarantees(reported, log)]
}

/** Checkers of the reports of watches and lists. */
export const watchCheckers: Readonly<Record<string, Checker>> = {
  'watch-guarantees': { kinds: ['lost', 'doubled', 'reordered', 'invented'], judge: watches },
  'change-log': {
    kinds: ['invented'],
    judge: (seed, random, kind) => {
      const { streams } = watchOf(seed)
      const event = oneOf(streams[1]?.events.filter(({ type }) => type === 'modified') ?? [], random)
      const [whole, part, ...others] = streams
      if (!event || !whole || !part) return undefined
      const events = kind ? replaced(part.events, event, { ...event, value: 'never written' }) : part.events
      return changeLog([whole, { ...part, events }, ...others], []).violations
    },
  },
  'invented-events': {
    kinds: ['reordered', 'invented'],
    judge: (seed, random, kind) => {
      const sound = historyOf(seed).filter(confirmed)
      const events = sound.map(({ key, kind: what, value, revision, call }): StreamEvent => {
        const deleted = what === 'delete'
        const type = deleted ? 'deleted' : what === 'create' ? 'added' : 'modified'
        return { at: call + 0.1, type, key, value: deleted ? '' : value, revision, batch: revision }
      })
      const event = oneOf(
        events.filter(({ type }) => type !== 'deleted'),
        random,
      )
      if (!event) return undefined
      const wrong = kind === 'reordered' ? { at: 0 } : { value: 'never written' }
      const reported = kind ? replaced(events, event, { ...event, ...wrong }) : events
      // Every watch has the same error, so that no other one contradicts it.
      const watch: Stream = { id: 's', client: 'w', via: 'a', since: 100, from: 0, events: reported }
      return inventedEvents([watch, { ...watch, id: 'another' }], sound)
    },
  },
  snapshots: {
    kinds: ['lost', 'doubled', 'reordered', 'invented'],
    judge: (seed, random, kind) => {
      const { streams, listings } = watchOf(seed)
      const full = listings.filter(({ items }) => items.size > 0)
      const list = oneOf(full.slice(1), random)
      const [key, item] = list?.items.entries().next().value ?? []
      if (!list || key === undefined || !item) return undefined
      // Items of an older list, at the revision of a newer one.
      const older = full.find(({ items }) => JSON.stringify([...items]) !== JSON.stringify([...list.items]))
      if (kind === 'reordered' && !older) return undefined
      const broken = {
        lost: { items: new Map([...list.items].filter(([name]) => name !== key)) },
        doubled: { parts: [...list.parts, (list.parts[0] ?? 0) + 1] },
        reordered: { items: older?.items ?? list.items },
        invented: { items: new Map([...list.items, ['ghost', item]]) },
      }
      const all = kind ? replaced(listings, list, { ...list, ...broken[kind] }) : listings
      return snapshots(all, changeLog(streams, []).log).violations
    },
  },
}
