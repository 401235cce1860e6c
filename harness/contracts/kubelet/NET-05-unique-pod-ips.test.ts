import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

const former = (builder: JournalBuilder, name: string): string =>
  `10.244.1.${builder.uid('pods', builder.namespace, name).replace('uid-', '')}`

/** A pod of worker2 as the API reports it at a time. */
function report(builder: JournalBuilder, t: number, name: string, podIP?: string): void {
  const of = { node: 'worker2', ready: podIP !== undefined, ...(podIP === undefined ? {} : { podIP }) }
  builder.object(t, 'pods', builder.namespace, name, builder.podObject('web', of))
}

test('NET-05 fails for two pods that the API reports with one address', () => {
  const shared = edited(drainNode(), 'watch', (record) => {
    const status = record.object['status'] as { podIP?: string } | undefined
    if (record.resource !== 'pods' || status?.podIP === undefined) return record
    return { ...record, object: { ...record.object, status: { ...status, podIP: '10.244.1.1' } } }
  })
  expect(verdictOf('NET-05', shared)).toMatchObject({
    status: 'fail',
    code: 'ADDRESS_SHARED',
    values: {
      address: '10.244.1.1',
      holder: expect.stringMatching(/web-1 \(uid-/),
      owner: expect.stringMatching(/web-2 /),
    },
  })
})

test('NET-05 fails for two sandboxes with one address, even when the API reports two addresses', () => {
  const real = edited(drainNode(), 'containers', (record) => ({
    ...record,
    containers: record.containers.map((one) => (one.pod < 'web-3' ? { ...one, address: '10.244.1.1' } : one)),
  }))
  expect(verdictOf('NET-05', real)).toMatchObject({
    status: 'fail',
    code: 'ADDRESS_SHARED',
    values: { address: '10.244.1.1', holder: expect.stringMatching(/web-\d on worker\d/) },
  })
})

test('NET-05 counts the pods of the API without machine records, and is not exercised without a pod address', () => {
  const unseen = edited(drainNode(), 'containers', () => undefined)
  expect(verdictOf('NET-05', unseen)).toMatchObject({
    status: 'pass',
    code: 'ADDRESSES_UNIQUE',
    values: { pods: 8, sandboxes: 0 },
  })
  const nothing = edited(unseen, 'watch', () => undefined)
  expect(verdictOf('NET-05', nothing)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
})

test('NET-05 passes where a pod reports another address later, and a new pod gets the old one', () => {
  const journal = drainNode((builder) => {
    const address = former(builder, 'web-5')
    report(builder, 6_000, 'web-5')
    report(builder, 6_500, 'web-5', '10.244.2.3')
    report(builder, 7_000, 'web-fresh', address)
  })
  expect(verdictOf('NET-05', journal)).toMatchObject({ status: 'pass' })
})

test('NET-05 fails where two pods report the same address later on', () => {
  const journal = drainNode((builder) => {
    report(builder, 6_000, 'web-5', '10.244.2.2')
    report(builder, 6_100, 'web-6', '10.244.2.2')
  })
  expect(verdictOf('NET-05', journal)).toMatchObject({
    status: 'fail',
    code: 'ADDRESS_SHARED',
    values: { address: '10.244.2.2', shared: 1 },
  })
})

test('NET-05 fails for a shared second address of a dual-stack pod', () => {
  const journal = drainNode((builder) => {
    for (const [t, name] of [
      [6_000, 'web-5'],
      [6_100, 'web-6'],
    ] as const) {
      const pod = builder.podObject('web', { node: 'worker2', ready: true, podIP: `10.244.2.${t}` })
      const status = { ...(pod['status'] as object), podIPs: [{ ip: `10.244.2.${t}` }, { ip: 'fd00::2' }] }
      builder.object(t, 'pods', builder.namespace, name, { ...pod, status })
    }
  })
  expect(verdictOf('NET-05', journal)).toMatchObject({ status: 'fail', values: { address: 'fd00::2' } })
})

/**
 * A machine restarts at 6 s. One of its pods gets an address that another pod of the machine had, before that pod
 * reports its new one.
 */
function restarted(more: (builder: JournalBuilder) => void = () => undefined): JournalRecord[] {
  return drainNode((builder) => {
    builder.fault('f9', 'restart-machine', { machines: ['worker2'] }, 6_000, 6_500)
    report(builder, 7_000, 'web-2', former(builder, 'web-5'))
    more(builder)
  })
}

test('NET-05 passes where the API reports a pod with the address from before its Node restarted', () => {
  expect(verdictOf('NET-05', restarted())).toMatchObject({ status: 'pass' })
  const renewed = restarted((builder) => report(builder, 7_500, 'web-5', '10.244.2.9'))
  expect(verdictOf('NET-05', renewed)).toMatchObject({ status: 'pass' })
})

test('NET-05 fails where a pod reports an address that another pod has since their Node restarted', () => {
  const again = restarted((builder) => report(builder, 7_500, 'web-5', former(builder, 'web-5')))
  expect(verdictOf('NET-05', again)).toMatchObject({ status: 'fail', code: 'ADDRESS_SHARED' })
})

test('NET-05 counts a sandbox by the address that each record lists', () => {
  const snapshot = (t: number, addresses: Readonly<Record<string, string>>) => (builder: JournalBuilder) =>
    builder.add(t, {
      kind: 'containers',
      machine: 'worker3',
      containers: Object.entries(addresses).map(([id, address]) => {
        return { id, namespace: 'shop', pod: id, name: 'pause', pid: 9, startedAt: '1', address }
      }),
    })
  const journal = (one: string, other: string): JournalRecord[] =>
    drainNode((builder) => {
      snapshot(6_000, { a: '10.244.3.1' })(builder)
      snapshot(7_000, { a: one, b: other })(builder)
    })
  expect(verdictOf('NET-05', journal('10.244.3.2', '10.244.3.1'))).toMatchObject({ status: 'pass' })
  expect(verdictOf('NET-05', journal('10.244.3.2', '10.244.3.2'))).toMatchObject({ status: 'fail' })
})
