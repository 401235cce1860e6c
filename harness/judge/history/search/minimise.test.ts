import fc from 'fast-check'
import { expect, test } from 'vitest'
import { minimal } from './minimise.ts'

test('exactly the parts that are needed to fail are left', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 60 }),
      fc.array(fc.nat(59), { minLength: 1, maxLength: 8 }),
      (more, places) => {
        const whole = Array.from({ length: 59 + more }, (_, n) => n)
        const needed = [...new Set(places)].toSorted((a, b) => a - b)
        expect(minimal(whole, (part) => needed.every((one) => part.includes(one)))).toEqual(needed)
      },
    ),
  )
})

test('it stops after the allowed number of attempts', () => {
  let queries = 0
  minimal(
    Array.from({ length: 100 }, (_, n) => n),
    () => {
      queries++
      return false
    },
    10,
  )
  expect(queries).toBe(10)
})
