import fc from 'fast-check'
import { expect, test } from 'vitest'
import { severity, worstOf } from './severity.ts'

const status = fc.constantFrom(...severity)

test('the gravest of some statuses is one of them, and at least as grave as each', () => {
  fc.assert(
    fc.property(fc.array(status, { minLength: 1 }), (all) => {
      const worst = worstOf(all)
      expect(all).toContain(worst)
      for (const one of all) expect(severity.indexOf(worst)).toBeGreaterThanOrEqual(severity.indexOf(one))
    }),
  )
})

test('order, repetition and grouping make no difference', () => {
  fc.assert(
    fc.property(fc.array(status, { minLength: 1 }), fc.array(status, { minLength: 1 }), (some, others) => {
      const whole = worstOf([...some, ...others])
      expect(worstOf([...others, ...some, ...some])).toBe(whole)
      expect(worstOf([worstOf(some), worstOf(others)])).toBe(whole)
    }),
  )
})
