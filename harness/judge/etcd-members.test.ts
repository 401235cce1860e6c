import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutOff, quorum } from './etcd-members.ts'

const members = ['a', 'b', 'c']
const both = (one: string, other: string): { from: string; to: string }[] => [
  { from: one, to: other },
  { from: other, to: one },
]

test('a member that all others are cut from has no majority', () => {
  expect(cutOff(members, [...both('a', 'b'), ...both('a', 'c')])).toEqual(['a'])
})

test('one direction is enough: Raft needs the question and the answer', () => {
  expect(
    cutOff(members, [
      { from: 'a', to: 'b' },
      { from: 'c', to: 'a' },
    ]),
  ).toEqual(['a'])
})

test('a bridge keeps everybody in touch with a majority', () => {
  expect(cutOff(members, both('a', 'b'))).toEqual([])
})

test('what is cut off is always less than a majority in each of its groups, and all of it when there is none', () => {
  const machine = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const cut = fc.array(fc.record({ from: machine, to: machine }), { maxLength: 20 })
  fc.assert(
    fc.property(cut, (pairs) => {
      const isolated = cutOff(['a', 'b', 'c', 'd', 'e'], pairs)
      expect(isolated.length === 5 || isolated.length < quorum(5)).toBe(true)
    }),
  )
})
