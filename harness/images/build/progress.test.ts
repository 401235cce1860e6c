import { describe, expect, it } from 'vitest'
import { secondsLeft, formatEstimate, type PlannedStep } from './progress.ts'

const guess = (id: string, seconds: number): PlannedStep => ({ id, seconds })
const known = (id: string, seconds: number): PlannedStep => ({ id, seconds: 5, recorded: seconds })
const after = (done: Record<string, number> = {}): Map<string, number> => new Map(Object.entries(done))

describe('secondsLeft', () => {
  it('starts with the sum of the planned steps', () => {
    expect(secondsLeft([guess('a', 100), known('b', 20)], after())).toBe(120)
  })

  it('counts down while a step runs', () => {
    expect(secondsLeft([guess('a', 100), known('b', 20)], after(), { id: 'a', elapsed: 40 })).toBe(80)
  })

  it('never expects an overrunning step to end at once', () => {
    expect(secondsLeft([known('a', 10)], after(), { id: 'a', elapsed: 100 })).toBe(20)
  })

  it('uses the built-in figure when a step exceeds its record', () => {
    const plan = [{ id: 'a', seconds: 600, recorded: 20 }]
    expect(secondsLeft(plan, after(), { id: 'a', elapsed: 10 })).toBe(10)
    expect(secondsLeft(plan, after(), { id: 'a', elapsed: 60 })).toBe(540)
  })

  it('scales built-in figures by measurements of this host, nearly in proportion after long steps', () => {
    const plan = [guess('a', 1000), guess('b', 100)]
    expect(secondsLeft(plan, after({ a: 500 }))).toBeCloseTo(55.4, 1)
    expect(secondsLeft(plan, after({ a: 2000 }))).toBeCloseTo(189, 0)
  })

  it('a very short step hardly changes the estimate', () => {
    expect(secondsLeft([guess('a', 1), guess('b', 100)], after({ a: 3 }))).toBeLessThan(107)
  })

  it('does not scale by recorded steps', () => {
    expect(secondsLeft([known('a', 10), known('b', 50), guess('c', 100)], after({ a: 1000 }))).toBe(150)
  })

  it('ends at zero', () => {
    expect(secondsLeft([guess('a', 10)], after({ a: 7 }))).toBe(0)
  })
})

describe('spoken', () => {
  it.each([
    [0, '1 s'],
    [4.4, '4 s'],
    [23, '20 s'],
    [89, '90 s'],
    [130, '2 min'],
    [1170, '20 min'],
  ])('%d seconds are %s', (seconds, text) => expect(formatEstimate(seconds)).toBe(text))
})
