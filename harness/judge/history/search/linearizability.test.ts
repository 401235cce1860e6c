import fc from 'fast-check'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { validHistory } from '../../testing/histories.ts'
import { anything, mutations } from '../../testing/mutations.ts'
import { byKey, type Check, type Operation, isEvidence } from '../history.ts'
import { linearizable } from './linearizability.ts'
import { checkRegister } from './register.ts'
import { search } from './search.ts'

const shapes = fc.record({
  seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
  operations: fc.integer({ min: 5, max: 120 }),
  clients: fc.integer({ min: 1, max: 8 }),
  keys: fc.integer({ min: 1, max: 4 }),
  unknown: fc.constantFrom(0, 0.01, 0.1),
})

const quick = (operations: readonly Operation[]): Check => linearizable(operations).check

/** By the search alone, object by object. */
const slow = (operations: readonly Operation[]): string[] =>
  [...byKey(operations.filter(isEvidence)).values()].map((own) => search(own).result)

test('the possible answers of a sound store pass, with and without the search', () => {
  fc.assert(
    fc.property(shapes, (shape) => {
      const history = validHistory(shape)
      expect(quick(history)).toEqual({ result: 'holds' })
      expect(new Set(slow(history))).toEqual(new Set(['holds']))
    }),
    { numRuns: 300 },
  )
})

test.each(Object.entries(mutations))('%s fails', (_, mutate) => {
  let broken = 0
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const history = mutate(validHistory(shape), xorshift128plus(seed))
      if (!history) return
      broken++
      expect(quick(history)).toMatchObject({ result: 'violated' })
    }),
    { numRuns: 200 },
  )
  expect(broken).toBeGreaterThan(30)
})

test('the order by revisions and the search never contradict each other', () => {
  const seen = new Map<string, number>()
  fc.assert(
    fc.property(shapes, fc.integer(), (shape, seed) => {
      const random = xorshift128plus(seed)
      const history = anything(validHistory(shape), random) ?? []
      for (const own of byKey(history.filter(isEvidence)).values()) {
        const { result } = checkRegister(own)
        const searched = search(own).result
        if (result !== 'unsure') expect(searched).toBe(result)
        seen.set(`${result} ${searched}`, (seen.get(`${result} ${searched}`) ?? 0) + 1)
      }
    }),
    { numRuns: 1_000 },
  )
  expect([...seen.keys()].toSorted()).toEqual(['holds holds', 'unsure holds', 'unsure violated', 'violated violated'])
})
