import fc from 'fast-check'
import { expect, test } from 'vitest'
import { clockOffset, shifted } from './clock-offset.ts'

const ms = fc.double({ min: 0, max: 1e9, noNaN: true })

test('a clock that is read between request and answer has no offset', () => {
  fc.assert(
    fc.property(
      ms,
      fc.double({ min: 0.01, max: 1e4, noNaN: true }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (requestedAt, took, part) => {
        expect(clockOffset(requestedAt, requestedAt + took * part, requestedAt + took)).toBe(0)
      },
    ),
  )
})

test('another clock is detected, and corrected to within the round trip', () => {
  fc.assert(
    fc.property(
      ms,
      fc.double({ min: 0.01, max: 1e3, noNaN: true }),
      fc.double({ min: 1e4, max: 1e9, noNaN: true }),
      (requestedAt, took, ahead) => {
        const read = requestedAt + took / 3 + ahead
        expect(
          Math.abs(read + clockOffset(requestedAt, read, requestedAt + took) - (requestedAt + took / 3)),
        ).toBeLessThanOrEqual(took)
      },
    ),
  )
})

test('all times of a record are shifted', () => {
  const record = { kind: 'write', at: 5, endedAt: 7, via: 'etcd1', key: 'k', value: 'v', outcome: 'acked' } as const
  expect(shifted(record, 100)).toEqual({ ...record, at: 105, endedAt: 107 })
  expect(shifted(record, 0)).toBe(record)
})
