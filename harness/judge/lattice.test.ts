import fc from 'fast-check'
import { expect, test } from 'vitest'
import { exitCode, severity, worstOf } from './lattice.ts'

const status = fc.constantFrom(...severity)
const statuses = fc.array(status)

test('the worst of some is one of them, and at least as grave as each', () => {
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

test('the exit code is 1 exactly if a promise was broken or late, and 0 only if one was kept', () => {
  fc.assert(
    fc.property(statuses, (all) => {
      const code = exitCode(all.map((one) => ({ status: one })))
      expect(code === 1).toBe(all.some((one) => one === 'fail' || one === 'late'))
      if (code === 0) {
        expect(all.some((one) => one === 'pass' || one === 'known')).toBe(true)
        expect(all.every((one) => ['pass', 'known', 'not-applicable'].includes(one))).toBe(true)
      }
    }),
  )
})

test('nothing judged, and nothing applicable, is no success', () => {
  expect(exitCode([])).toBe(2)
  expect(exitCode([{ status: 'not-applicable' }])).toBe(2)
  expect(exitCode([{ status: 'not-applicable' }, { status: 'known' }])).toBe(0)
})
