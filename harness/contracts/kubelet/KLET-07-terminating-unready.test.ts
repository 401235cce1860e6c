import { expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** web-1's deletion is requested at 10.21 s; its slice changes at 10.24, 11.2 and 19.25 s. */
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

test('KLET-07 accepts a change that was being written when the deletion was requested', () => {
  expect(verdictOf('KLET-07', stillReady(1))).toMatchObject({ status: 'pass', code: 'TERMINATING_UNUSED' })
})

test('KLET-07 fails for slices that keep listing a terminating pod as ready', () => {
  expect(verdictOf('KLET-07', stillReady(2))).toMatchObject({
    status: 'fail',
    code: 'STALE_SLICES',
    values: { pod: 'web-1', service: 'hf-drain-node/web' },
  })
})

test('KLET-07 fails for a terminating pod that stays ready', () => {
  const journal = edited(drainNode(), 'watch', (record) =>
    record.resource === 'endpointslices' && record.at > start + 20_100 ? undefined : record,
  )
  expect(verdictOf('KLET-07', journal)).toMatchObject({
    status: 'fail',
    code: 'READY_WHILE_TERMINATING',
    values: { pod: 'web-4', afterMs: 99_790 },
  })
})

test('KLET-07 skips a pod whose slices had no time to change', () => {
  const cut = (journal: readonly JournalRecord[]) =>
    edited(journal, 'scenario', (record) => (record.edge === 'end' ? { ...record, at: start + 24_000 } : record))
  const journal = edited(drainNode(), 'watch', (record) =>
    record.resource === 'endpointslices' && record.at > start + 20_100 ? undefined : record,
  )
  expect(verdictOf('KLET-07', cut(journal))).toMatchObject({ status: 'pass', values: { pods: 1 } })
})

test('KLET-07 skips what the endpoint controller could not change because of a fault', () => {
  const journal = drainNode((builder) => {
    for (const machine of ['control-plane1', 'control-plane2']) {
      builder.fault(
        `x-${machine}`,
        'stop',
        { machines: [machine], component: 'kube-controller-manager' },
        19_000,
        110_000,
      )
    }
  })
  const frozen = edited(journal, 'watch', (record) =>
    record.resource === 'endpointslices' && record.at > start + 20_100 ? undefined : record,
  )
  expect(verdictOf('KLET-07', frozen)).toMatchObject({ status: 'pass', values: { pods: 1 } })
})

test('KLET-07 fails for a terminating pod that becomes ready again', () => {
  const journal = drainNode((builder) => builder.slice(12_000, 'web', { 'web-1': 'worker1', 'web-2': 'worker2' }))
  const inOrder = edited(journal, 'watch', (record) =>
    record.resource === 'endpointslices' && record.at < start + 12_003 && record.at >= start + 12_000
      ? { ...record, resourceVersion: '1170' }
      : record,
  )
  expect(verdictOf('KLET-07', inOrder)).toMatchObject({ status: 'fail', code: 'READY_AGAIN', values: { pod: 'web-1' } })
})

test('KLET-07 is late for a pod that stops being ready late', () => {
  const journal = edited(drainNode(), 'watch', (record) =>
    record.resource === 'endpointslices' && record.at > start + 20_200 ? { ...record, at: record.at + 6_000 } : record,
  )
  expect(verdictOf('KLET-07', journal)).toMatchObject({
    status: 'late',
    code: 'UNREADY_LATE',
    values: { pod: 'web-4', afterMs: 6_030 },
  })
})

const answeredAt = (t: number, more: Partial<RecordOf<'attempt'>> = {}) =>
  edited(drainNode(), 'attempt', (record) =>
    record.from === 'worker3' && record.protocol === 'udp' && record.at === start + t
      ? { ...record, backend: 'web-1', ...more }
      : record,
  )

test('KLET-07 is late where a terminating pod receives new connections', () => {
  expect(verdictOf('KLET-07', answeredAt(13_000))).toMatchObject({
    status: 'late',
    code: 'CONNECTED_LATE',
    values: { pod: 'web-1', lagMs: 2_760 },
    bound: { limit: 2_000 },
  })
})

test.each([
  ['before the sync of kube-proxy', answeredAt(11_000), 760],
  ['on a kept connection', answeredAt(13_000, { connection: 'kept' }), 0],
  ['by its own address', answeredAt(13_000, { target: 'pod-ip' }), 0],
] as const)('KLET-07 accepts an answer %s', (_, journal, lagMs) => {
  expect(verdictOf('KLET-07', journal)).toMatchObject({ status: 'pass', code: 'TERMINATING_UNUSED', values: { lagMs } })
})

test('KLET-07 accepts a terminating pod that answers while no endpoint is ready', () => {
  const none = edited(answeredAt(13_000), 'watch', (record) => {
    if (record.resource !== 'endpointslices' || record.at < start + 10_200) return record
    const { endpoints = [] } = record.object as { endpoints?: readonly object[] }
    return {
      ...record,
      object: { ...record.object, endpoints: endpoints.map((one) => ({ ...one, conditions: { ready: false } })) },
    }
  })
  expect(verdictOf('KLET-07', none).status).toBe('pass')
})

test('KLET-07 skips Services that publish addresses that are not ready', () => {
  const journal = edited(stillReady(2), 'watch', (record) =>
    record.resource === 'services'
      ? { ...record, object: { ...record.object, spec: { publishNotReadyAddresses: true } } }
      : record,
  )
  expect(verdictOf('KLET-07', journal)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
})

test('KLET-07 reports its evidence where no probe used the Service, and which probe was silent', () => {
  const unused = edited(drainNode(), 'attempt', () => undefined)
  expect(verdictOf('KLET-07', unused)).toMatchObject({
    status: 'pass',
    code: 'TERMINATING_UNREADY',
    values: { pods: 2, afterMs: 30 },
  })
  const silent = edited(drainNode(), 'attempt', (record) =>
    record.at > start + 11_000 && record.at < start + 12_000 ? undefined : record,
  )
  expect(verdictOf('KLET-07', silent)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
})
