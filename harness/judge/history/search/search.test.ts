import fc from 'fast-check'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { validHistory } from '../../testing/histories.ts'
import { mutations } from '../../testing/mutations.ts'
import { byKey, type Operation, isEvidence } from '../history.ts'
import { linearizable } from './linearizability.ts'
import { search } from './search.ts'
import { withoutRevisions } from '../testing/without-revisions.ts'

/** Sound histories and broken ones. In some of them no write received its revision, so every object is searched. */
const histories = fc
  .record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    operations: fc.integer({ min: 5, max: 80 }),
    clients: fc.integer({ min: 1, max: 8 }),
    keys: fc.integer({ min: 1, max: 3 }),
    unknown: fc.constantFrom(0, 0.1, 0.3),
    mutate: fc.constantFrom(undefined, ...Object.values(mutations)),
    dated: fc.boolean(),
  })
  .map(({ mutate, dated, ...shape }) => {
    const sound = validHistory(shape)
    const history = (mutate?.(sound, xorshift128plus(shape.seed)) ?? sound).filter(isEvidence)
    return dated ? history : history.map((one) => (one.kind === 'get' ? one : { ...one, revision: 0 }))
  })

const budgets = fc.tuple(fc.nat(120), fc.nat(200)).map(([less, more]) => ({ less, more: less + more }))

test('a budget gives the same verdict each time, and a larger one never another', () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(histories, budgets, (history, { less, more }) => {
      for (const own of byKey(history).values()) {
        const first = search(own, less)
        const second = search(own, more)
        seen.add(`${first.result} ${second.result}`)
        expect(search(own, less)).toEqual(first)
        if (first.result === 'undecided') expect(first).toEqual({ result: 'undecided', explored: less, budget: less })
        else expect(second).toEqual(first)
      }
    }),
    { numRuns: 1_000 },
  )
  const [holds, violated] = ['holds', 'violated']
  expect([...seen].toSorted()).toEqual(
    [
      `${holds} ${holds}`,
      'undecided holds',
      'undecided undecided',
      'undecided violated',
      `${violated} ${violated}`,
    ].toSorted(),
  )
})

test('a budget of the explored configurations is enough, and one less is not', () => {
  fc.assert(
    fc.property(histories, (history) => {
      for (const own of byKey(history).values()) {
        const found = search(own)
        expect(search(own, found.explored)).toEqual(found)
        expect(search(own, found.explored - 1).result).toBe('undecided')
      }
    }),
  )
})

test('each object has a budget of its own, and a violation stands', () => {
  const hard = withoutRevisions({ key: 'hard', writers: 8 })
  const needed = search(hard)
  expect(needed.result).toBe('violated')
  const other = hard.map((one): Operation => ({ ...one, id: one.id + hard.length, key: 'other' }))
  const budget = needed.explored - 1
  const check = (...operations: readonly Operation[]) => linearizable(operations, (own) => search(own, budget)).check
  expect(check(...hard, ...other)).toEqual({
    result: 'undecided',
    exhausted: [
      { key: 'hard', explored: budget, budget },
      { key: 'other', explored: budget, budget },
    ],
  })
  const simple = withoutRevisions({ key: 'simple', writers: 2 }).map((one) => ({ ...one, id: one.id + hard.length }))
  expect(check(...hard, ...simple)).toMatchObject({
    result: 'violated',
    violations: [{ operations: [hard.length + 2] }],
  })
})
