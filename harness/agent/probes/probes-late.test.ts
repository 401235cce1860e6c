import { expect, test } from 'vitest'
import { eventually } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Begin } from './attempts/attempt.ts'
import { Probes } from './probes.ts'

/* A prober that has no processor for a while reads answers late. The tests make this process late by blocking it. */

const timeoutMs = 200
const target = { id: 'p', from: 'here', service: 'ns/web', protocol: 'tcp', address: '127.0.0.1', port: 80 } as const

/** Returns the record of the first attempt, when this process is blocked from one moment on and reads the answer at another. */
async function recordWhenBlocked(perSecond: number, fromMs: number, untilMs: number): Promise<JournalRecord> {
  const records: JournalRecord[] = []
  let began: number | undefined
  const begin: Begin = (ended) => {
    if (began === undefined) {
      began = now()
      setTimeout(() => {
        holdUp(untilMs - fromMs)
        ended({ backend: 'web-1', sourcePort: 12_345 })
      }, fromMs)
    }
    return { giveUp: () => ended({ error: 'no answer in time', errorClass: 'no-answer' }) }
  }
  const probes = new Probes(
    (record) => records.push(record),
    () => ({ begin, [Symbol.dispose]: () => undefined }),
  )
  using _ = { [Symbol.dispose]: () => probes.stop() }
  probes.start({ ...target, perSecond, timeoutMs })
  const ofIt = (record: JournalRecord): boolean =>
    (record.kind === 'attempt' && record.sourcePort === 12_345) ||
    (record.kind === 'gap' && began !== undefined && record.at <= began && began < record.until)
  return await eventually('a record of the attempt', () => records.find(ofIt), { timeoutMs: 20_000 })
}

function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('an answer that is read after the time-out does not count: it would hide an outage', async () => {
  const late = await recordWhenBlocked(0.5, timeoutMs - 50, timeoutMs + 50)
  expect(late).toMatchObject({ kind: 'attempt', ok: false, errorClass: 'no-answer' })
  expect(late).not.toHaveProperty('backend')
})

test.each([
  ['frozen for longer than a try may take', timeoutMs * 3],
  ['frozen for most of the time that a try may take', timeoutMs + 5],
])('a prober that was %s records a gap and no outage', async (_, untilMs) => {
  const records = await recordWhenBlocked(50, 10, untilMs)
  expect(records).toMatchObject({ kind: 'gap', source: 'here', reason: 'the probe did not run' })
})
