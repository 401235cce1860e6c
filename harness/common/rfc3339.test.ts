import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseRfc3339 } from './rfc3339.ts'

test('parses every timestamp like the platform', () => {
  const [min, max] = [new Date('1970-01-01T00:00:00Z'), new Date('2200-01-01T00:00:00Z')]
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
      expect(parseRfc3339(date.toISOString())).toBeCloseTo(date.getTime(), 3)
    }),
  )
  expect(parseRfc3339('2026-01-01T00:00:00.123456Z')).toBeCloseTo(1_767_225_600_123.456, 2)
  expect(parseRfc3339('2024-02-29T23:59:59Z')).toBe(Date.parse('2024-02-29T23:59:59Z'))
})

test('returns NaN for other text', () => {
  expect(parseRfc3339('')).toBeNaN()
  expect(parseRfc3339('yesterday')).toBeNaN()
})
