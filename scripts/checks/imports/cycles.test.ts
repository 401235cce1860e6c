import { expect, test } from 'vitest'
import { cycles } from './cycles.ts'

const edges = (...pairs: readonly string[]) => pairs.map((pair) => ({ from: pair[0] ?? '', to: pair[1] ?? '' }))

test.each([
  ['two', ['ab', 'ba'], [['a', 'b', 'a']]],
  ['itself', ['aa'], [['a', 'a']]],
  ['four, entered from outside', ['ab', 'bc', 'cd', 'de', 'eb'], [['b', 'c', 'd', 'e', 'b']]],
  [
    'two cycles that share one member',
    ['ab', 'ba', 'ac', 'ca'],
    [
      ['a', 'b', 'a'],
      ['a', 'c', 'a'],
    ],
  ],
  ['a cycle behind a visited node', ['ab', 'cb', 'ca', 'bd', 'db'], [['b', 'd', 'b']]],
])('finds a cycle of %s', (_, pairs, found) => expect(cycles(edges(...pairs))).toEqual(found))

test('two ways to one file are no cycle', () => expect(cycles(edges('ab', 'ac', 'bd', 'cd'))).toEqual([]))
