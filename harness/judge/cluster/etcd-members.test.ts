import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cutOff, quorum } from './etcd-members.ts'

const members = ['a', 'b', 'c']
const both = (one: string, other: string): { from: string; to: string }[] => [
  { from: one, to: other },
  { from: other, to: one },
]

test('a member that is cut off from all others has no majority', () => {
  expect(cutOff(members, [...both('a', 'b'), ...both('a', 'c')])).toEqual(['a'])
})

test('a cut in one direction is enough: Raft needs request and response', () => {
  expect(
    cutOff(members, [
      { from: 'a', to: 'b' },
      { from: 'c', to: 'a' },
    ]),
  ).toEqual(['a'])
})

test('a bridge keeps every member connected to a majority', () => {
  expect(cutOff(members, both('a', 'b'))).toEqual([])
})

test('cut-off members are less than a majority in each group, and all members where no majority exists', () => {
  const machine = fc.constantFrom('a', 'b', 'c', 'd', 'e')
  const cut = fc.array(fc.record({ from: machine, to: machine }), { maxLength: 20 })
  fc.assert(
    fc.property(cut, (pairs) => {
      const isolated = cutOff(['a', 'b', 'c', 'd', 'e'], pairs)
      expect(isolated.length === 5 || isolated.length < quorum(5)).toBe(true)
    }),
  )
})
