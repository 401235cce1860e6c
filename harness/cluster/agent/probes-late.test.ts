import { expect, test } from 'vitest'
import { eventually } from '../../eventually.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Begin } from './attempts/attempt.ts'
import { Probes } from './probes.ts'

/* A prober that has no processor for a while reads answers late. So late is this process made here, by holding it up. */

const timeoutMs = 200
const whom = { id: 'p', from: 'here', service: 'ns/web', protocol: 'tcp', address: '127.0.0.1', port: 80 } as const

/** What is told of the first try, when this process is held up from some moment on and reads the answer at another. */
async function toldWhenHeldUp(perSecond: number, fromMs: number, untilMs: number): Promise<JournalRecord> {
  const told: JournalRecord[] = []
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
    (record) => told.push(record),
    () => ({ begin, [Symbol.dispose]: () => undefined }),
  )
  using _ = { [Symbol.dispose]: () => probes.stop() }
  probes.start({ ...whom, perSecond, timeoutMs })
  const ofIt = (record: JournalRecord): boolean =>
    (record.kind === 'attempt' && record.sourcePort === 12_345) ||
    (record.kind === 'gap' && began !== undefined && record.at <= began && began < record.until)
  return await eventually('something to be told of the try', () => told.find(ofIt), { withinMs: 20_000 })
}

function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms)
}

test('an answer that is read when its time is over is none: it would hide the outage that it outlasted', async () => {
  const late = await toldWhenHeldUp(0.5, timeoutMs - 50, timeoutMs + 50)
  expect(late).toMatchObject({ kind: 'attempt', ok: false, errorClass: 'no-answer' })
  expect(late).not.toHaveProperty('backend')
})

test.each([
  ['frozen for longer than a try may take', timeoutMs * 3],
  ['frozen for most of the time that a try may take', timeoutMs + 5],
])('what a prober that was %s did not hear in time is told as a gap, and no outage', async (_, untilMs) => {
  const told = await toldWhenHeldUp(50, 10, untilMs)
  expect(told).toMatchObject({ kind: 'gap', source: 'here', reason: 'the probe did not run' })
})
