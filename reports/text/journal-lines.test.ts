import { expect, test } from 'vitest'
import { journalLines } from './journal-lines.ts'

test.each([
  [[], ''],
  [[3], '3'],
  [[3, 4, 5, 9], '3–5, 9'],
  [[1, 3, 5, 7, 9, 11, 13, 15, 17, 18, 20], '1, 3, 5, 7, 9, 11, 13, 15 and 3 more'],
])('%j reads %s', (lines, words) => expect(journalLines(lines)).toBe(words))
