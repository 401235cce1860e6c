import fc from 'fast-check'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { validHistory } from '../../testing/histories.ts'
import { mutations } from '../../testing/mutations.ts'
import { draw, inText } from '../draw.ts'
import { explained, smallest } from './explain.ts'
import { formatOperation, type Operation, sightOf } from '../history.ts'
import { search } from './search.ts'

const unlimited = (own: readonly Operation[]) => search(own, 100_000)

const textOf = (history: readonly Operation[]): string | undefined => {
  const found = explained(history, unlimited)
  return found && inText(found)
}
const base = { id: 0, key: 'k', outcome: 'ok', refusal: '', precondition: 0, revision: 0, value: '' } as const
const stale: Operation[] = [
  { ...base, client: 'writer', kind: 'create', call: 0, end: 10, value: 'old', revision: 5 },
  { ...base, client: 'writer', kind: 'patch', call: 20, end: 30, value: 'new', revision: 6 },
  { ...base, client: 'reader', kind: 'get', call: 12, end: 14, value: 'old', revision: 5 },
  { ...base, client: 'reader', kind: 'get', call: 40, end: 50, value: 'old', revision: 5 },
  { ...base, client: 'other', kind: 'delete', call: 60, end: Infinity, outcome: 'unknown' },
].map((one, id) => ({ ...one, id }) as Operation)

test('the two writes and the read alone explain a stale read', () => {
  expect(textOf(stale)).toBe(
    [
      'writer |[---------]                                     | create k=old by writer: ok at 5',
      '       |                  [----------]                  | patch k=new by writer: ok at 6',
      'reader |                                     [---------]| get k by reader: old at 5',
      '        50.0 ms in all',
    ].join('\n'),
  )
  expect(explained(stale.slice(0, 3), unlimited)).toBeUndefined()
  const bars = explained(stale, unlimited)?.lanes.flatMap((lane) => lane.bars)
  expect(bars?.map(({ writes, shows }) => [writes, shows])).toEqual([
    [true, false],
    [true, true],
    [false, true],
  ])
})

test('every deletion of an absent object is drawn: without one of them no read could be correct', () => {
  const history: Operation[] = [
    { ...base, client: 'writer', kind: 'create', call: 0, end: 10, value: 'old', revision: 5 },
    { ...base, client: 'writer', kind: 'delete', call: 12, end: 14 },
    { ...base, client: 'writer', kind: 'create', call: 20, end: 30, value: 'new', revision: 7 },
    { ...base, client: 'reader', kind: 'get', call: 40, end: 50 },
  ].map((one, id) => ({ ...one, id }) as Operation)
  const drawn = explained(history, unlimited)?.lanes.flatMap((lane) => lane.bars.map(({ words }) => words))
  expect(drawn).toEqual(history.map(formatOperation))
})

test('an unanswered operation is drawn as open', () => {
  expect(inText(draw(stale.map((one) => sightOf(one))))).toMatch(/^other +\| +\[-*>\| delete k by other: unknown$/m)
})

test('every part of the drawing is needed, for any violation', () => {
  const shapes = fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    operations: fc.constant(60),
    clients: fc.integer({ min: 1, max: 5 }),
    keys: fc.constant(1),
    unknown: fc.constantFrom(0, 0.05),
  })
  fc.assert(
    fc.property(shapes, fc.constantFrom(...Object.values(mutations)), (shape, mutate) => {
      const history = mutate(validHistory(shape), xorshift128plus(shape.seed))
      if (!history) return
      const found = smallest(history, unlimited)
      expect(found?.fails(found.part)).toBe(true)
      const superfluous = found?.part.filter((one) => found.fails(found.part.filter((other) => other !== one)))
      expect(superfluous).toEqual([])
    }),
    { numRuns: 60 },
  )
})
