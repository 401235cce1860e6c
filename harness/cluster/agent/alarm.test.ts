import { describe, expect, test } from 'vitest'
import { eventually } from '../../eventually.ts'
import { now } from '../../record/clock.ts'
import { Alarm } from './alarm.ts'

describe.each([
  ['by a timer', false],
  ['by a thread', true],
])('an alarm %s', (_, sharp) => {
  /** When it rang, and an alarm that was made as it has to be. */
  function alarm(): { rang: number[]; alarm: Alarm } {
    const rang: number[] = []
    const made = new Alarm(() => rang.push(now()))
    if (sharp) made.sharpen()
    return { rang, alarm: made }
  }
  const once = (rang: readonly number[], times = 1) =>
    eventually('the alarm to ring', () => rang.length >= times, { withinMs: 10_000, everyMs: 1 })

  test('rings when its time has come, and again when it was set again', async () => {
    const { rang, alarm: own } = alarm()
    using _ = own
    for (let n = 1; n <= 3; n++) {
      const at = now() + 30.5
      own.set(at)
      await once(rang, n)
      // A timer may be a millisecond early: whoever is rung looks at the clock.
      expect(rang.at(-1)).toBeGreaterThanOrEqual(at - (sharp ? 0.1 : 1))
    }
  })

  test('keeps to what it was set to last, sooner or later or never', async () => {
    const { rang, alarm: own } = alarm()
    using _ = own
    own.set(now() + 600_000)
    own.set(now() + 20)
    await once(rang)
    own.set(now() + 20)
    const later = now() + 120
    own.set(later)
    await once(rang, 2)
    expect(rang[1]).toBeGreaterThanOrEqual(later - 1)
    own.set(now() + 20)
    own.set(Infinity)
    const { rang: others, alarm: other } = alarm()
    using __ = other
    other.set(now() + 100)
    await once(others)
    expect(rang).toHaveLength(2)
  })
})
