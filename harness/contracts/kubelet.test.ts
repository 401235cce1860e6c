import { expect, test } from 'vitest'
import type { JournalRecord } from '../record/records.ts'
import { drainNode } from '../judge/testing/stories.ts'
import { start } from '../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../judge/testing/verdict.ts'

/** web-1 is told to end at 10.21 s; its slice changes at 10.24, 11.2 and 19.25 s. */
function stillReady(changes: number): JournalRecord[] {
  let seen = 0
  return edited(drainNode(), 'watch', (record) => {
    const { endpoints } = record.object as { endpoints?: { targetRef: { name: string }; conditions: object }[] }
    if (record.resource !== 'endpointslices' || !endpoints || record.at < start + 10_000 || seen >= changes * 2)
      return record
    seen++
    const changed = endpoints.map((one) =>
      one.targetRef.name === 'web-1' ? { ...one, conditions: { ready: true } } : one,
    )
    return { ...record, object: { ...record.object, endpoints: changed } }
  })
}

test('KLET-07 takes a change that was under way and did not know yet', () => {
  expect(verdictOf('KLET-07', stillReady(1)).status).toBe('pass')
})

test('KLET-07 is broken by a terminating pod that counts as ready', () => {
  expect(verdictOf('KLET-07', stillReady(2))).toMatchObject({
    status: 'fail',
    reason: 'web-1 was told to end and the next two changes of its slice still called it ready.',
  })
})

test('KLET-07 is broken by a terminating pod that is ready again', () => {
  const journal = drainNode((script) => script.slice(12_000, 'web', { 'web-1': 'worker1', 'web-2': 'worker2' }))
  const inOrder = edited(journal, 'watch', (record) =>
    record.resource === 'endpointslices' && record.at < start + 12_003 && record.at >= start + 12_000
      ? { ...record, resourceVersion: '1100' }
      : record,
  )
  expect(verdictOf('KLET-07', inOrder).status).toBe('fail')
})

test('KLET-07 is late where a terminating pod gets new connections', () => {
  const journal = edited(drainNode(), 'attempt', (record) =>
    record.from === 'worker3' && record.protocol === 'udp' && record.at === start + 13_000
      ? { ...record, backend: 'web-1' }
      : record,
  )
  expect(verdictOf('KLET-07', journal)).toMatchObject({
    status: 'late',
    measured: 2_760,
    bound: { limit: 2_000 },
    reason: 'web-1 answered a new connection 2.8 s after its slice said not ready (bound 2 s).',
  })
})

test('KLET-07 takes connections that came before the sync of kube-proxy', () => {
  const journal = edited(drainNode(), 'attempt', (record) =>
    record.at === start + 11_000 ? { ...record, backend: 'web-1' } : record,
  )
  expect(verdictOf('KLET-07', journal)).toMatchObject({ status: 'pass', measured: 760 })
})

test('KLET-07 is undecided where nobody probed', () => {
  const journal = edited(drainNode(), 'attempt', () => undefined)
  expect(verdictOf('KLET-07', journal)).toMatchObject({
    status: 'inconclusive',
    reason: expect.stringContaining('Nobody probed'),
  })
})
