import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Pair, bridge, halves, isolated, oneWay, ring, split } from './grudges.ts'

const group = fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 12 })
const everyShape: Readonly<Record<string, (members: readonly number[]) => Pair<number>[]>> = {
  isolated: (members) => isolated(members[0] ?? 0, members),
  halves,
  bridge,
  ring,
  oneWay: (members) => oneWay(members.slice(0, 2), members),
}

const key = ({ from, to }: Pair<number>): string => `${from}>${to}`
const reachable = (members: readonly number[], pairs: readonly Pair<number>[], by: number): number[] =>
  members.filter((from) => !pairs.some((pair) => pair.from === from && pair.to === by))
const both = (pairs: readonly Pair<number>[]): boolean => {
  const keys = new Set(pairs.map(key))
  return pairs.every(({ from, to }) => keys.has(key({ from: to, to: from })))
}

describe.each(Object.entries(everyShape))('%s', (_, shape) => {
  test('contains only members, no pair twice and no member paired with itself', () => {
    fc.assert(
      fc.property(group, (members) => {
        const pairs = shape(members)
        expect(new Set(pairs.map(key)).size).toBe(pairs.length)
        for (const { from, to } of pairs) {
          expect(from).not.toBe(to)
          expect(members).toEqual(expect.arrayContaining([from, to]))
        }
      }),
    )
  })
})

test('split keeps each side connected and cuts every pair across', () => {
  fc.assert(
    fc.property(group, fc.nat(), (members, cut) => {
      const [one, other] = [members.slice(0, cut % members.length), members.slice(cut % members.length)]
      const pairs = split(one, other)
      for (const side of [one, other]) for (const by of side) expect(reachable(members, pairs, by)).toEqual(side)
    }),
  )
})

test('isolated cuts one member off and keeps the others connected', () => {
  fc.assert(
    fc.property(group, fc.nat(), (members, nth) => {
      const one = members[nth % members.length] ?? 0
      const pairs = isolated(one, members)
      expect(both(pairs)).toBe(true)
      expect(reachable(members, pairs, one)).toEqual([one])
      const rest = members.filter((member) => member !== one)
      for (const other of rest) expect(reachable(members, pairs, other)).toEqual(rest)
    }),
  )
})

test('oneWay cuts one direction only', () => {
  fc.assert(
    fc.property(group, fc.nat(), (members, cut) => {
      const [from, to] = [members.slice(0, cut % members.length), members.slice(cut % members.length)]
      const pairs = oneWay(from, to)
      for (const by of to) expect(reachable(members, pairs, by)).toEqual(to)
      for (const by of from) expect(reachable(members, pairs, by)).toEqual(members)
    }),
  )
})

test('halves of an odd number are a minority and a majority', () => {
  fc.assert(
    fc.property(group, (members) => {
      const pairs = halves(members)
      const sizes = members.map((by) => reachable(members, pairs, by).length)
      const minority = Math.floor(members.length / 2)
      expect(sizes.filter((size) => size === members.length - minority).length).toBeGreaterThanOrEqual(
        members.length - minority,
      )
      expect(both(pairs)).toBe(true)
    }),
  )
})

test('only the middle of a bridge is connected to both sides', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 3, maxLength: 12 }), (members) => {
      const pairs = bridge(members)
      const middle = members[Math.floor(members.length / 2)] ?? 0
      expect(both(pairs)).toBe(true)
      expect(members.filter((by) => reachable(members, pairs, by).length === members.length)).toEqual([middle])
    }),
  )
})

test('on a ring every member receives from exactly a majority, each from a different one', () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.nat(), { minLength: 3, maxLength: 12 }), (members) => {
      const pairs = ring(members)
      const sets = members.map((by) => reachable(members, pairs, by))
      const majority = Math.floor(members.length / 2) + 1
      for (const [at, set] of sets.entries()) {
        expect(set).toHaveLength(majority)
        expect(set).toContain(members[at])
      }
      expect(new Set(sets.map((set) => set.join())).size).toBe(members.length)
    }),
  )
})
