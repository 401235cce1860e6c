import { expect, test } from 'vitest'
import { hostile } from '../testing/hostile.ts'
import { ascii, clean, oneLine } from './text.ts'

test('control characters become visible, other text stays', () => {
  expect(clean('a\u0000b\u202ec\u001b[31md\u001b[0m\u0085\ud800\ttab\nline')).toBe(
    'a␀b<U+202E>cd<U+0085>\ufffd\ttab\nline',
  )
  expect(clean('café ✓ 名 👍')).toBe('café ✓ 名 👍')
  expect(clean('a\r\nb\rc')).toBe('a\nb␍c')
})

test('nested escapes are removed too', () => {
  expect(clean(`\u001b]8;;http://x\u0007link\u001b]8;;\u0007 \u001b\u001b[0m[31m ${hostile}`)).not.toMatch(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e]/,
  )
})

test('oneLine returns one line of at most the given length', () => {
  expect(oneLine('  a\n\n  b  ')).toBe('a b')
  expect(oneLine('x'.repeat(50), 10)).toBe(`${'x'.repeat(9)}…`)
  expect(oneLine('👍'.repeat(10), 10)).toHaveLength(10)
})

test('ascii replaces known signs by similar ones', () => {
  expect(ascii('p ≥ 0.001 → 3 × …')).toBe('p >= 0.001 -> 3 x ...')
  expect(ascii('名')).toBe('?')
})
