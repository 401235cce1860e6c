import { expect, test } from 'vitest'
import { lastEnd, longestMs, merged, without } from './intervals.ts'

test('the rest of a time overlaps none of the others and is in order', () => {
  const others = [
    { from: 40, until: 60 },
    { from: -10, until: 10 },
    { from: 50, until: 70 },
    { from: 200, until: 300 },
  ]
  const left = without({ from: 0, until: 100 }, others)
  expect(left).toEqual([
    { from: 10, until: 40 },
    { from: 70, until: 100 },
  ])
  expect(longestMs(left)).toBe(30)
  expect(without({ from: 0, until: 100 }, [{ from: -1, until: 101 }])).toEqual([])
  expect(longestMs([])).toBe(0)
})

test('the last end counts only intervals that began before', () => {
  const times = [
    { from: 5, until: 20 },
    { from: 60, until: Infinity },
  ]
  expect(lastEnd(times, 0, 50)).toBe(20)
  expect(lastEnd(times, 30, 50)).toBe(30)
  expect(lastEnd(times, 0, 70)).toBe(70)
  expect(lastEnd([], 7, 50)).toBe(7)
})

test('times that touch or overlap become one, in order', () => {
  const times = [
    { from: 40, until: 60 },
    { from: 0, until: 10 },
    { from: 10, until: 20 },
    { from: 45, until: 50 },
  ]
  expect(merged(times)).toEqual([
    { from: 0, until: 20 },
    { from: 40, until: 60 },
  ])
})
