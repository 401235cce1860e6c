import { describe, expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import { Alarm } from './alarm.ts'

describe.each([
  ['by a timer', false],
  ['by a thread', true],
])('an alarm %s', (_, sharp) => {
  /** The times at which it rang, and an alarm made as a real one. */
  function alarm(): { rang: number[]; alarm: Alarm } {
    const rang: number[] = []
    const made = new Alarm(() => rang.push(now()))
    if (sharp) made.sharpen()
    return { rang, alarm: made }
  }
  const once = (rang: readonly number[], times = 1) =>
    eventually('the alarm to ring', () => rang.length >= times, { timeoutMs: 10_000, intervalMs: 1 })

  test('rings at its time, and again after it is set again', async () => {
    const { rang, alarm: own } = alarm()
    using _ = own
    for (let n = 1; n <= 3; n++) {
      const at = now() + 30.5
      own.set(at)
      await once(rang, n)
      // A timer counts from the start of its turn and may be early: the listener checks the clock and sets it again.
      if (sharp) expect(rang.at(-1)).toBeGreaterThanOrEqual(at)
    }
  })

  test('uses the time set last: earlier, later or never', async () => {
    const { rang, alarm: own } = alarm()
    using _ = own
    own.set(now() + 600_000)
    own.set(now() + 20)
    await once(rang)
    const later = now() + 120
    own.set(now() + 20)
    own.set(later)
    // On a busy host it may ring for the first time before the second is set.
    let setAt = 1
    await eventually(
      'the alarm to ring for the second',
      () => {
        if ((rang.at(-1) ?? 0) >= later) return true
        if (rang.length > setAt) own.set(later)
        setAt = rang.length
        return false
      },
      { timeoutMs: 10_000, intervalMs: 1 },
    )
    const before = rang.length
    own.set(Infinity)
    const { rang: others, alarm: other } = alarm()
    using __ = other
    other.set(now() + 100)
    await once(others)
    expect(rang).toHaveLength(before)
  })
})
