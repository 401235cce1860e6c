import { expect, test } from 'vitest'
import { wrap } from './wrap.ts'

test('breaks between words, inside a word only if the word is too long, and loses nothing', () => {
  expect(wrap('one two three', 8)).toBe('one two\nthree')
  expect(wrap('hf-drain-node/web-6d9f7c8b5-x2x a', 12)).toBe('hf-drain-nod\ne/web-6d9f7c\n8b5-x2x a')
  expect(wrap('', 5)).toBe('')
})
