import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nftTime } from './nft-time.ts'

test('nft converts the value to the given time in 64-bit arithmetic', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: (1n << 63n) - 1n }), (nanoseconds) => {
      const made = BigInt.asUintN(64, BigInt(nftTime(nanoseconds)) * 1_000_000_000n)
      expect(made).toBe(nanoseconds - (nanoseconds % 512n))
    }),
  )
})
