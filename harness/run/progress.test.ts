import { expect, test } from 'vitest'
import { now } from '../record/clock.ts'
import { type ProgressEvent, stamped } from './progress.ts'

test('stamped gives an event the current time of the monotonic clock', () => {
  const events: ProgressEvent[] = []
  const before = now()
  stamped((event) => events.push(event))({ text: 'a step of a build', level: 'phase' })
  expect(events).toMatchObject([{ text: 'a step of a build', level: 'phase' }])
  expect(events[0]?.at).toBeGreaterThanOrEqual(before)
  expect(events[0]?.at).toBeLessThanOrEqual(now())
})
