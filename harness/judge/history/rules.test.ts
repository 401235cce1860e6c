import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { validHistory } from '../testing/histories.ts'
import { createdOnce } from './acknowledged-creates.ts'
import { neverWritten } from './cached-reads.ts'
import { expiredEarly } from './expiry.ts'
import type { Operation } from './history.ts'
import { differences } from './member-data.ts'
import { minimal } from './search/minimise.ts'
import { lostUpdates } from './optimistic-concurrency.ts'
import { behind } from './read-order.ts'
import { revisionOrder } from './revision-order.ts'
import { sharedAddresses } from './unique-addresses.ts'

let ids = 0
function op(more: Partial<Operation>): Operation {
  return {
    id: ids++,
    client: 'c',
    key: 'k',
    kind: 'update',
    call: ids,
    end: ids + 0.5,
    outcome: 'ok',
    refusal: '',
    precondition: 0,
    value: `v${ids}`,
    revision: 0,
    ...more,
  }
}

const rules = (violations: readonly { rule: string }[]): string[] => violations.map(({ rule }) => rule)

describe('optimistic concurrency', () => {
  const shapes = fc.record({
    seed: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    operations: fc.constant(100),
    clients: fc.integer({ min: 2, max: 8 }),
    keys: fc.constant(1),
    unknown: fc.constantFrom(0, 0.1),
  })

  test('a sound store loses no update', () => {
    fc.assert(
      fc.property(shapes, (shape) => {
        expect(lostUpdates(validHistory(shape))).toEqual([])
      }),
    )
  })

  test('two winners, a write in between, and a refusal without a winner fail', () => {
    const first = op({ kind: 'create', revision: 10 })
    const won = op({ precondition: 10, revision: 11 })
    expect(lostUpdates([first, won, op({ precondition: 10, outcome: 'refused', refusal: 'conflict' })])).toEqual([])
    expect(rules(lostUpdates([first, won, op({ precondition: 10, revision: 12 })]))).toContain('no lost update')
    expect(rules(lostUpdates([first, op({ revision: 11 }), op({ precondition: 10, revision: 12 })]))).toEqual([
      'no lost update',
    ])
    const refused = op({ precondition: 10, outcome: 'refused', refusal: 'conflict' })
    expect(rules(lostUpdates([first, refused]))).toEqual(['who did not lose wins'])
    expect(rules(lostUpdates([first, won, { ...refused, call: 90, end: 91, refusal: 'exists' }]))).toEqual([
      'a loser is told of a conflict',
    ])
  })
})

test('a confirmed create exists once, a refused one does not exist, and no object exists without a create', () => {
  const create = op({ kind: 'create', value: 'a', revision: 3 })
  const found = { key: 'k', value: 'a', uid: '1' }
  expect(createdOnce([create], [found])).toEqual([])
  expect(rules(createdOnce([create], []))).toEqual(['what is confirmed is there'])
  expect(createdOnce([create, op({ kind: 'delete', outcome: 'unknown', value: '' })], [])).toEqual([])
  expect(rules(createdOnce([create], [found, { ...found, uid: '2' }]))).toEqual(['one request creates one object'])
  expect(rules(createdOnce([{ ...create, outcome: 'refused' }], [found]))).toEqual(['what is refused is not there'])
  expect(createdOnce([{ ...create, outcome: 'unknown' }], [found])).toEqual([])
  expect(createdOnce([{ ...create, outcome: 'unknown' }], [])).toEqual([])
  expect(rules(createdOnce([], [found]))).toEqual(['nothing creates itself'])
})

test('one store counts all writes, in the order in which they happened', () => {
  const shape = { seed: 9, operations: 300, clients: 5, keys: 5, unknown: 0.05 }
  expect(revisionOrder(validHistory(shape))).toEqual([])
  const [a, b] = [op({ key: 'a', revision: 7 }), op({ key: 'b', revision: 8 })]
  expect(revisionOrder([a, b])).toEqual([])
  expect(revisionOrder([a, { ...b, revision: 7 }])).toHaveLength(1)
  expect(revisionOrder([{ ...a, revision: 9 }, b])).toHaveLength(1)
})

test('an address has one owner at a time', () => {
  const claim = { address: '10.0.0.1', owner: 'a', from: 1, until: 5 }
  expect(sharedAddresses([claim, { ...claim, owner: 'b', from: 5, until: Infinity }])).toEqual([])
  expect(sharedAddresses([claim, { ...claim, owner: 'b', from: 4 }])).toMatchObject([
    { description: 'b got 10.0.0.1 while a had it' },
  ])
  expect(sharedAddresses([{ ...claim, until: 50 }, claim, { ...claim, owner: 'b', from: 7 }])).toHaveLength(1)
})

test('no read goes behind one that ended before it', () => {
  const read = { id: 1, client: 'c', call: 1, end: 2, revision: 5, description: 'a' }
  expect(behind([read, { ...read, call: 3, end: 4 }, { ...read, call: 1.5, end: 9, revision: 4 }])).toEqual([])
  expect(behind([read, { ...read, call: 3, end: 4, revision: 4 }])).toHaveLength(1)
  expect(behind([{ ...read, call: 7, end: 8 }], [{ ...read, revision: 6 }])).toHaveLength(1)
})

test('gone is correct only for a revision that is old, compacted, or from before the start', () => {
  const expired = { at: 0, via: 'a', client: 'c', revision: 50, compacted: 40, startedAt: 30, changes: 12 }
  expect(expiredEarly([expired])).toHaveLength(1)
  expect(
    expiredEarly([
      { ...expired, compacted: 51 },
      { ...expired, startedAt: 51 },
      { ...expired, changes: 101 },
    ]),
  ).toEqual([])
})

test('members that differ in a value, in their hash or in their revision are reported', () => {
  const member = { member: 'etcd1', revision: 9, compacted: 3, hash: 77, values: { a: '1' } }
  const other = { ...member, member: 'etcd2' }
  expect(differences([member, other])).toEqual([])
  expect(differences([member, { ...other, compacted: 2, hash: 78 }])).toEqual([])
  for (const broken of [{ hash: 78 }, { values: {} }, { values: { a: '2' } }, { revision: 8 }]) {
    expect(differences([member, { ...other, ...broken }])).toHaveLength(1)
  }
})

test('a cache may return an old value, and no value that was not written before', () => {
  const write = op({ kind: 'create', revision: 5, value: 'a', call: 1, end: 2 })
  const log = { changes: [{ key: 'k', revision: 5, value: 'a' }], stretches: [{ from: 0, until: 9 }] }
  const read = op({ kind: 'get', revision: 5, value: 'a', call: 20, end: 21 })
  const wrong = (one: Partial<Operation>): number => neverWritten([{ ...read, ...one }], [write], log).length
  expect(wrong({})).toBe(0)
  expect(wrong({ revision: 0, value: '' })).toBe(0)
  expect(wrong({ value: 'b' })).toBe(1)
  expect(wrong({ call: 0.1, end: 0.9 })).toBe(1)
})

test('a failing history is minimised until every part is needed', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(500), { minLength: 2, maxLength: 60 }), fc.nat(), (whole, pick) => {
      const needed = [whole[pick % whole.length], whole[(pick + 1) % whole.length]]
      const part = minimal(whole, (some) => needed.every((one) => some.includes(one as number)))
      expect(new Set(part)).toEqual(new Set(needed))
    }),
  )
})
