import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../record/records.ts'
import { killScheduler, workedExample } from '../judge/testing/stories.ts'
import { start } from '../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../judge/testing/verdict.ts'

/** The sample of worker2 over UDP, changed. */
function sampled(change: Partial<RecordOf<'sample'>>): JournalRecord[] {
  return edited(workedExample(), 'sample', (record) =>
    record.from === 'worker2' && record.protocol === 'udp' ? { ...record, ...change } : record,
  )
}

test('PROXY-02 is broken by a choice that is not fair', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 135, 'hello-2': 65 } }))).toMatchObject({
    status: 'fail',
    reason: 'Connections from worker2 over UDP fell 135, 65 on equal endpoints.',
    bound: { limit: 0.001, unit: 'p-value' },
  })
})

test('PROXY-02 counts the whole family: what is rare once is not rare in ten', () => {
  // On its own p is 0.00074; among ten samples chance does that seven times in a thousand.
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 124, 'hello-2': 76 } }))).toMatchObject({
    status: 'pass',
    measured: expect.closeTo(0.0068, 3),
  })
})

test('PROXY-02 is broken by an endpoint that is never reached', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 200 } }))).toMatchObject({
    status: 'fail',
    reason: 'None of 200 connections from worker2 over UDP reached hello-2.',
  })
})

test('PROXY-02 is broken by an answer of a pod that no slice lists', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 100, 'hello-2': 99, 'hello-0': 1 } }))).toMatchObject({
    status: 'fail',
    reason: 'Connections from worker2 over UDP were answered by hello-0, which no slice lists as ready.',
  })
})

test('PROXY-02 is broken by an endpoint that fails whoever is sent to it', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 101 }, failed: 99 })).status).toBe('fail')
})

test('PROXY-02 is undecided with too few draws or too many without an answer', () => {
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 5, 'hello-2': 4 }, attempts: 9 }))).toMatchObject({
    status: 'inconclusive',
    reason: '9 connections from worker2 over UDP are too few for 2 endpoints.',
  })
  expect(verdictOf('PROXY-02', sampled({ backends: { 'hello-1': 98, 'hello-2': 98 }, failed: 4 }))).toMatchObject({
    status: 'inconclusive',
    reason: '4 of 200 connections from worker2 over UDP were not answered.',
  })
})

test('PROXY-02 is undecided where endpoints changed during a sample', () => {
  const journal = workedExample((script) => script.slice(8_200, 'hello', { 'hello-1': 'worker1' }))
  expect(verdictOf('PROXY-02', journal)).toMatchObject({
    status: 'inconclusive',
    reason: expect.stringContaining('the endpoints changed while'),
  })
})

test('PROXY-02 takes an even sample just after a change, and finds no breach in an uneven one', () => {
  const changed = workedExample((script) =>
    script
      .slice(6_500, 'hello', { 'hello-1': 'worker1' })
      .slice(7_000, 'hello', { 'hello-1': 'worker1', 'hello-2': 'worker2' }),
  )
  expect(verdictOf('PROXY-02', changed).status).toBe('pass')
  for (const backends of [{ 'hello-1': 150, 'hello-2': 50 }, { 'hello-1': 200 }] as Record<string, number>[]) {
    const uneven = edited(changed, 'sample', (record) => ({ ...record, backends }))
    expect(verdictOf('PROXY-02', uneven)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('just before'),
    })
  }
})

test('PROXY-02 is undecided where a Node or a protocol is missing', () => {
  const journal = edited(killScheduler(), 'sample', (record) =>
    record.from === 'control-plane2' && record.protocol === 'udp' ? undefined : record,
  )
  expect(verdictOf('PROXY-02', journal)).toMatchObject({
    status: 'inconclusive',
    reason: 'There is no sample of hf-kill-scheduler/web from control-plane2 (udp).',
  })
})

test('PROXY-02 is undecided where one of several Services was not sampled from everywhere', () => {
  const both = killScheduler((script) =>
    script
      .slice(900, 'api', { 'api-1': 'worker1', 'api-2': 'worker2' })
      .samples(9_000, 'api', { 'api-1': 100, 'api-2': 100 }),
  )
  expect(verdictOf('PROXY-02', both).status).toBe('pass')
  const missing = edited(both, 'sample', (record) =>
    record.service.endsWith('/api') && record.from === 'worker1' ? undefined : record,
  )
  expect(verdictOf('PROXY-02', missing)).toMatchObject({
    status: 'inconclusive',
    reason: 'There is no sample of hf-kill-scheduler/api from worker1 (tcp) and worker1 (udp).',
  })
})

test('PROXY-02 is undecided where nobody watched the slices', () => {
  const journal = workedExample((script) => {
    for (const source of ['control-plane1', 'control-plane2']) {
      script.add(8_100, { kind: 'gap', source, resource: 'endpointslices', until: start + 8_200, reason: 'cut' })
    }
  })
  expect(verdictOf('PROXY-02', journal).status).toBe('inconclusive')
})
