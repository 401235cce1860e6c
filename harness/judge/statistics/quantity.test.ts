import { expect, test } from 'vitest'
import { quantity } from './quantity.ts'

test.each([
  ['2', 2],
  ['500m', 0.5],
  ['64Mi', 64 * 2 ** 20],
  ['1.5Gi', 1.5 * 2 ** 30],
  ['1e3', 1_000],
  ['12E', 12e18],
  ['3k', 3_000],
])('%s is %d', (text, expected) => expect(quantity(text)).toBe(expected))

test.each(['', 'much', '1x', '5 Mi'])('%j is no quantity', (text) => expect(quantity(text)).toBeNaN())
