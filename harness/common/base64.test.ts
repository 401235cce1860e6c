import { expect, test } from 'vitest'
import { base64, fromBase64 } from './base64.ts'

test('text is encoded as UTF-8, bytes as they are', () => {
  expect(base64('ü')).toBe('w7w=')
  expect(base64(Uint8Array.of(0xff, 0))).toBe('/wA=')
  expect(fromBase64('w7w=')).toBe('ü')
})
