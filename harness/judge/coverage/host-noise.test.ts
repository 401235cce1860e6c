import { expect, test } from 'vitest'
import type { RecordOf } from '../../record/records.ts'
import { hostDelay, hostFigures, mayBeHost } from './host-noise.ts'
import { type Recording, recordings } from '../recording/recording.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'
import { start } from '../testing/cluster-facts.ts'

const time = { from: start + 10_000, until: start + 28_000 }

/** A host with a record every 2 s from 2 s to 40 s, with the values of `of`; undefined leaves one out. */
function recorded(of: (t: number) => Partial<RecordOf<'host'>> | undefined): Recording {
  const builder = new JournalBuilder('made-up')
  for (let t = 2_000; t <= 40_000; t += 2_000) {
    const own = of(t)
    if (own) builder.add(t, { kind: 'host', everyMs: 2_000, latestMs: 2, cores: 2, ...own })
  }
  const [recording] = recordings(builder.journal(42_000))
  if (!recording) throw new Error('the builder has a recording')
  return recording
}

test('a host with free processors accounts for nothing', () => {
  const idle = recorded(() => ({ runnable: 1 }))
  expect(hostFigures(idle, time)).toMatchObject({ hostLateMs: 0, loadDelayMs: 50 })
  expect(mayBeHost(idle, time, 1_000)).toBe(false)
})

test('stalls of one time add up, and those of another time do not count', () => {
  // Of a run on a host that stood still twice within 17.4 s, for 4.2 s and for 2.8 s.
  const stalled = recorded((t) => ({ latestMs: { 20_000: 4_248, 26_000: 2_824, 36_000: 9_000 }[t] ?? 2 }))
  expect(hostFigures(stalled, time)).toMatchObject({ hostLateMs: 7_072 })
  expect(mayBeHost(stalled, time, 17_400)).toBe(true)
  expect(mayBeHost(stalled, time, 60_000)).toBe(false)
})

test('a record of the host that is missing is of a timer that did not run', () => {
  const missing = recorded((t) => (t > 14_000 && t < 22_000 ? undefined : {}))
  expect(hostFigures(missing, time)).toMatchObject({ hostLateMs: 6_000 })
})

test('a queue of processes delays answers by their mean number', () => {
  expect(
    hostDelay(
      recorded((t) => ({ runnable: t < 20_000 ? 80 : 40 })),
      time,
    ),
  ).toBeGreaterThan(4 * 2_000)
})
