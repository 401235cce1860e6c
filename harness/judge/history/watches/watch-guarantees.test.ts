import fc from 'fast-check'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { oneOf } from '../../testing/histories.ts'
import { validWatch, watchMutations } from '../../testing/watches.ts'
import { changeLog } from './change-log.ts'
import { snapshots } from '../snapshots.ts'
import type { Stream } from './streams.ts'
import { brokenGuarantees } from './watch-guarantees.ts'

const shapes = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  revisions: fc.integer({ min: 3, max: 80 }),
  keys: fc.integer({ min: 1, max: 6 }),
})

/** All violations of some watches; `reported` are changes known from other sources. */
function wrong(streams: readonly Stream[], reported: readonly Stream[] = []): string[] {
  const { log, violations } = changeLog([...streams, ...reported], [])
  return [...violations, ...brokenGuarantees(streams, log)].map(({ rule }) => rule)
}

test('the possible reports of a sound store pass, and lists equal the watches', () => {
  let compared = 0
  fc.assert(
    fc.property(shapes, (shape) => {
      const { streams, listings } = validWatch(shape)
      expect(wrong(streams)).toEqual([])
      const found = snapshots(listings, changeLog(streams, []).log)
      expect(found.violations).toEqual([])
      expect(found.compared).toHaveLength(listings.length)
      compared += listings.length
    }),
  )
  expect(compared).toBeGreaterThan(100)
})

test.each(Object.entries(watchMutations))('%s fails', (_, mutate) => {
  let broken = 0
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const random = xorshift128plus(seed)
      const { streams } = validWatch(shape)
      const [whole, ...others] = streams
      const victim = oneOf(others, random)
      const index = oneOf(victim?.events.flatMap(({ type }, n) => (type === 'bookmark' ? [] : [n])) ?? [], random)
      const events = victim && index !== undefined ? mutate(victim.events, index, random) : undefined
      if (!victim || !whole || !events) return
      broken++
      const rules = wrong(streams.map((one) => (one === victim ? { ...victim, events } : one)))
      expect(rules).not.toEqual([])
    }),
    { numRuns: 200 },
  )
  expect(broken).toBeGreaterThan(20)
})

test('each violated guarantee is reported by its name', () => {
  const base = { id: 's', client: 'w', via: 'a', since: 10, from: 0 }
  const event = (revision: number, more = {}) =>
    ({
      at: 0,
      type: 'modified',
      key: `k${revision}`,
      revision,
      value: `v${revision}`,
      batch: revision,
      ...more,
    }) as const
  const mark = (revision: number) => event(revision, { type: 'bookmark', key: '', value: '' })
  const all = { ...base, events: [event(11), event(12), event(12, { key: 'b' }), event(13), mark(13)] }
  const reported = (...events: Stream['events']): string[] => wrong([{ ...base, events }], [all])
  expect(reported(...all.events)).toEqual([])
  expect(reported(event(12), event(12, { key: 'b' }), event(11), event(13))).toEqual(['ordered'])
  expect(reported(event(11), event(11), event(12), event(12, { key: 'b' }))).toEqual(['unique'])
  expect(reported(event(11), event(13))).toEqual(['reliable'])
  expect(reported(event(11), event(12), event(12, { key: 'b', batch: 99 }))).toEqual(['atomic'])
  expect(reported(event(9), event(11))).toEqual(['resumable'])
  expect(reported(event(11), mark(12), event(12), event(12, { key: 'b' }))).toEqual(['bookmarkable'])
  expect(reported(event(11, { value: 'other' }))).toEqual(['all tell the same'])
})

test('a list that is not one snapshot, or differs from the watch, fails', () => {
  let broken = 0
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const random = xorshift128plus(seed)
      const { streams, listings } = validWatch(shape)
      const listing = oneOf(
        listings.filter(({ items }) => items.size > 0),
        random,
      )
      const key = oneOf([...(listing?.items.keys() ?? [])], random)
      const item = listing?.items.get(key ?? '')
      if (!listing || key === undefined || !item) return
      broken++
      const lacking = new Map([...listing.items].filter(([name]) => name !== key))
      const variants = [
        { ...listing, parts: [...listing.parts, (listing.parts[0] ?? 0) + 1] },
        { ...listing, items: lacking },
        { ...listing, items: new Map([...listing.items, ['ghost', item]]) },
        { ...listing, items: new Map([...listing.items, [key, { ...item, value: 'other' }]]) },
        { ...listing, items: new Map([...listing.items, [key, { ...item, revision: item.revision - 1 }]]) },
        { ...listing, parts: listing.parts.slice(0, 1), exactly: (listing.parts[0] ?? 0) - 1 },
      ]
      for (const variant of variants) {
        const all = listings.map((one) => (one === listing ? variant : one))
        expect(snapshots(all, changeLog(streams, []).log).violations).toHaveLength(1)
      }
    }),
  )
  expect(broken).toBeGreaterThan(20)
})
