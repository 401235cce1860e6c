import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { RecordOf } from '../../record/records.ts'
import { ObjectHistory } from './object-history.ts'

type Sighting = RecordOf<'watch'>

function sighting(at: number, resourceVersion: number, more: Partial<Sighting> = {}): Sighting {
  return {
    kind: 'watch',
    at,
    source: 'a',
    event: 'modified',
    resource: 'pods',
    namespace: 'n',
    name: 'p',
    uid: 'u',
    resourceVersion: String(resourceVersion),
    object: { state: resourceVersion },
    ...more,
  }
}

const number = (object: unknown): number => (object as { state: number }).state
const historyOf = (sightings: readonly Sighting[]): ObjectHistory<number> => new ObjectHistory(sightings, number)

/**
 * The reports of one object by several sources: each reports the states in order, later by its own lag, and may miss
 * some.
 */
const reported = fc
  .tuple(
    fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }),
    fc.array(fc.record({ lag: fc.nat(200), misses: fc.array(fc.nat(11)) }), { minLength: 1, maxLength: 3 }),
  )
  .map(([pauses, sources]) => {
    let at = 0
    const happened = pauses.map((pause, n) => ({ at: (at += pause), version: n + 1 }))
    return sources.flatMap(({ lag, misses }, source) =>
      happened
        .filter((_, n) => n === 0 || !misses.includes(n))
        .map((one) => sighting(one.at + lag, one.version, { source: `s${source}` })),
    )
  })

test('each state counts once, in the order of versions, and time never runs backwards', () => {
  fc.assert(
    fc.property(reported, (sightings) => {
      const [life] = historyOf(sightings).lives
      const versions = life?.versions ?? []
      expect(versions.map(({ resourceVersion }) => resourceVersion)).toEqual(
        [...new Set(sightings.map(({ resourceVersion }) => Number(resourceVersion)))].sort((a, b) => a - b),
      )
      for (const [n, { at }] of versions.entries()) expect(at).toBeGreaterThanOrEqual(versions[n - 1]?.at ?? 0)
    }),
  )
})

test('the order in which sources were recorded makes no difference', () => {
  fc.assert(
    fc.property(
      reported.chain((sightings) =>
        fc.tuple(fc.constant(sightings), fc.shuffledSubarray(sightings, { minLength: sightings.length })),
      ),
      ([sightings, shuffled]) => {
        expect(historyOf(shuffled).lives[0]?.versions).toEqual(historyOf(sightings).lives[0]?.versions)
      },
    ),
  )
})

test('the state at a time is the newest that any source had reported by then', () => {
  fc.assert(
    fc.property(reported, fc.nat(1_000), (sightings, time) => {
      const known = sightings.filter(({ at }) => at <= time).map(({ resourceVersion }) => Number(resourceVersion))
      expect(historyOf(sightings).lives[0]?.at(time)).toBe(known.length > 0 ? Math.max(...known) : undefined)
    }),
  )
})

test('a list after a loss reports a deletion with an old state: it still comes last', () => {
  const [life] = historyOf([sighting(1, 5), sighting(2, 6), sighting(9, 5, { event: 'deleted' })]).lives
  expect(life?.at(8)).toBe(6)
  expect(life?.at(9)).toBeUndefined()
  expect(life?.deletedAt).toBe(9)
})

test('a second object of the same name has a life of its own', () => {
  const history = historyOf([
    sighting(5, 9, { uid: 'v', event: 'added' }),
    sighting(1, 2),
    sighting(3, 4, { event: 'deleted' }),
  ])
  expect(history.named('n', 'p').map(({ uid, bornAt, deletedAt }) => [uid, bornAt, deletedAt])).toEqual([
    ['u', 1, 3],
    ['v', 5, Infinity],
  ])
})

test('an object whose creation one source reported is new, even if another source began with a list', () => {
  const seen = [sighting(4, 2, { source: 'b', event: 'listed' }), sighting(1, 2, { event: 'added' })]
  expect(historyOf(seen).lives[0]?.listed).toBe(false)
  expect(historyOf(seen.slice(0, 1)).lives[0]?.listed).toBe(true)
})
