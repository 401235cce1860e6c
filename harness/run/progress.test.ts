import { expect, test } from 'vitest'
import { now } from '../record/clock.ts'
import { type ProgressEvent, stamped } from './progress.ts'

test('what is told without a time gets the one at which it was told, on the clock of the run', () => {
  const told: ProgressEvent[] = []
  const before = now()
  stamped((event) => told.push(event))({ text: 'a step of a build', level: 'phase' })
  expect(told).toMatchObject([{ text: 'a step of a build', level: 'phase' }])
  expect(told[0]?.at).toBeGreaterThanOrEqual(before)
  expect(told[0]?.at).toBeLessThanOrEqual(now())
})
