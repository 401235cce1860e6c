import { expect, test } from 'vitest'
import { Stalls } from './stalls.ts'

test('adds up the parts of a time in which the process was due and did not run', () => {
  const stalls = new Stalls()
  stalls.keep(1_000)
  stalls.expect(100)
  stalls.ran(400)
  stalls.expect(500)
  stalls.ran(500)
  stalls.expect(600)
  expect(stalls.within(200, 700, 650)).toBe(200 + 50)
  stalls.ran(900)
  expect(stalls.within(200, 700, 900)).toBe(200 + 100)
})

test('forgets stalls that are older than it has to keep', () => {
  const stalls = new Stalls()
  stalls.keep(1_000)
  stalls.expect(0)
  stalls.ran(500)
  stalls.expect(1_600)
  stalls.ran(1_600)
  expect(stalls.within(0, 1_600, 1_600)).toBe(0)
})
