import { expect, test } from 'vitest'
import { add, closingLine, countsOfChecks, countsOfModules, noiseLine, nothing } from './counts.ts'

const module = (states: readonly string[], errors = 0, suiteErrors: readonly number[] = []) => ({
  errors: () => Array<unknown>(errors).fill('boom'),
  children: {
    allTests: () => states.map((state) => ({ result: () => ({ state }) })),
    allSuites: () => suiteErrors.map((count) => ({ errors: () => Array<unknown>(count).fill('boom') })),
  },
})

test('counts tests by outcome, and unreached tests as skipped', () => {
  expect(countsOfModules([module(['passed', 'failed', 'skipped', 'pending']), module(['passed'])])).toEqual({
    passed: 2,
    failed: 1,
    skipped: 2,
    hostNoise: 0,
  })
})

test('counts skips for measured host noise separately', () => {
  const skipped = (note: string) => ({ result: () => ({ state: 'skipped', note }) })
  const children = { allTests: () => [skipped('HOST_NOISE: late {}'), skipped('no such disk')], allSuites: () => [] }
  const counts = countsOfModules([{ errors: () => [], children }])
  expect(counts).toMatchObject({ skipped: 2, hostNoise: 1 })
  expect(closingLine(counts)).toBe('0 passed, 0 failed, 2 skipped')
  expect(noiseLine(counts)).toBe('Skipped because of measured host noise: 1.\n')
})

test('counts a file that fails to load and a group whose hooks fail as failures', () => {
  expect(countsOfModules([module([], 2), module(['passed'], 0, [1, 0])])).toEqual({
    passed: 1,
    failed: 2,
    skipped: 0,
    hostNoise: 0,
  })
})

test('counts checks', () => {
  const counts = add(nothing, countsOfChecks([{ ok: true }, { ok: false }, { ok: true }]))
  expect(closingLine(counts)).toBe('2 passed, 1 failed, 0 skipped')
})
