import { expect, test } from 'vitest'
import type { RecordOf } from '../record/records.ts'
import { Waits } from './waits.ts'

const soon = { timeoutMs: 30, intervalMs: 5 } as const

function waits(signal = new AbortController().signal): { one: Waits; seen: RecordOf<'observation'>[] } {
  const seen: RecordOf<'observation'>[] = []
  return { one: new Waits((record) => void seen.push(record), signal), seen }
}

test('a satisfied condition is returned and recorded, before the test and under test', async () => {
  const { one, seen } = waits()
  expect(await one.until('a', () => 'value', soon)).toBe('value')
  one.beginTest()
  expect(await one.until('b', () => Promise.resolve(7), soon)).toBe(7)
  expect(seen).toMatchObject([
    { condition: 'a', satisfied: true },
    { condition: 'b', satisfied: true },
  ])
})

test('an unsatisfied precondition throws; under test it is recorded with the last state', async () => {
  const { one, seen } = waits()
  const never = (): never => {
    throw new Error('2 of 3 are ready')
  }
  await expect(one.until('all to be ready', never, soon)).rejects.toMatchObject({ code: 'HF_NOT_IN_TIME' })
  one.beginTest()
  expect(await one.until('all to be ready', never, soon)).toBeUndefined()
  expect(seen).toHaveLength(2)
  expect(seen[1]).toMatchObject({ condition: 'all to be ready', satisfied: false })
  expect(seen[1]?.lastSeen).toContain('2 of 3 are ready')
  expect(seen[1]?.afterMs).toBeGreaterThanOrEqual(soon.timeoutMs)
})

test('any other error of an operation is thrown, and an aborted signal ends a wait with its reason', async () => {
  const ended = new AbortController()
  const { one, seen } = waits(ended.signal)
  one.beginTest()
  await expect(one.attempt('a', () => Promise.reject(new TypeError('no function')))).rejects.toThrow(TypeError)
  const reason = new Error('the user ended the run')
  const waiting = one.until('never', () => false, { timeoutMs: 60_000 })
  ended.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  expect(seen).toEqual([])
})

test('consistently ends with the first false or error, and is satisfied after the whole time', async () => {
  const { one, seen } = waits()
  let checks = 0
  expect(await one.consistently('steady', () => true, { forMs: 20, intervalMs: 1 })).toBe(true)
  expect(await one.consistently('flaps', () => ++checks < 3, { forMs: 60_000, intervalMs: 1 })).toBe(false)
  const unreadable = (): never => {
    throw new Error('no answer')
  }
  expect(await one.consistently('unreadable', unreadable, { forMs: 60_000 })).toBe(false)
  expect(checks).toBe(3)
  expect(seen.map(({ satisfied, lastSeen }) => [satisfied, lastSeen])).toEqual([
    [true, 'true all the time'],
    [false, 'it became false'],
    [false, 'no answer'],
  ])
})
