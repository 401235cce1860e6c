import { describe, expect, test } from 'vitest'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import type { JournalRecord } from '../../record/records.ts'

const collector = 'system:serviceaccount:kube-system:generic-garbage-collector'

interface Ending {
  /** When the slice is deleted; undefined: never. */
  readonly slice?: number
  /** When its Service is deleted; undefined: never. */
  readonly service?: number
  readonly user?: string
  readonly more?: (builder: JournalBuilder) => void
}

/** A Service and its slice from 1 s on. */
function owned({ slice, service, user = collector, more = () => undefined }: Ending): JournalRecord[] {
  return drainNode((builder) => {
    const { namespace } = builder
    const reference = { kind: 'Service', name: 'old', uid: builder.uid('services', namespace, 'old') }
    const objects = {
      services: { metadata: {}, spec: {} },
      endpointslices: { metadata: { ownerReferences: [reference] }, endpoints: [] },
    }
    const put = (t: number, resource: keyof typeof objects, name: string, event: 'added' | 'deleted'): void =>
      void builder.object(t, resource, namespace, name, objects[resource], event)
    put(1_000, 'services', 'old', 'added')
    put(1_100, 'endpointslices', 'old-x', 'added')
    const ends = [
      ...(service === undefined ? [] : [{ t: service, end: () => put(service, 'services', 'old', 'deleted') }]),
      ...(slice === undefined ? [] : [{ t: slice, end: () => put(slice, 'endpointslices', 'old-x', 'deleted') }]),
    ]
    for (const { end } of ends.toSorted((a, b) => a.t - b.t)) end()
    if (slice !== undefined) {
      builder.request(slice - 10, { verb: 'delete', resource: 'endpointslices', name: 'old-x', user, code: 200 })
    }
    more(builder)
  })
}

describe('CM-04', () => {
  test('passes for an object that is deleted after its owner', () => {
    expect(verdictOf('CM-04', owned({ service: 2_000, slice: 2_500 }))).toMatchObject({
      status: 'pass',
      code: 'COLLECTED',
      values: { dependents: 1, afterMs: 500 },
    })
  })

  test('fails for an object that is kept without its owner, and is late for one that is deleted late', () => {
    expect(verdictOf('CM-04', owned({ service: 2_000 }))).toMatchObject({
      status: 'fail',
      code: 'NOT_COLLECTED',
      values: { object: 'endpointslices hf-drain-node/old-x', afterMs: 118_000 },
    })
    expect(verdictOf('CM-04', owned({ service: 2_000, slice: 40_000 }))).toMatchObject({
      status: 'late',
      code: 'COLLECTED_LATE',
      values: { afterMs: 38_000 },
    })
  })

  test('fails where the collector deletes an object whose owner exists, or ends later', () => {
    const early = { status: 'fail', code: 'COLLECTED_WITH_OWNER', values: { owner: 'old' } }
    const sound = (builder: JournalBuilder): void => {
      const reference = { kind: 'Service', name: 'gone', uid: builder.uid('services', builder.namespace, 'gone') }
      const slice = { metadata: { ownerReferences: [reference] }, endpoints: [] }
      builder.object(1_000, 'services', builder.namespace, 'gone', { metadata: {}, spec: {} }, 'added')
      builder.object(1_100, 'endpointslices', builder.namespace, 'gone-x', slice, 'added')
      builder.object(1_200, 'services', builder.namespace, 'gone', { metadata: {}, spec: {} }, 'deleted')
      builder.object(1_300, 'endpointslices', builder.namespace, 'gone-x', slice, 'deleted')
    }
    expect(verdictOf('CM-04', owned({ slice: 2_500, more: sound }))).toMatchObject(early)
    expect(verdictOf('CM-04', owned({ slice: 2_500, service: 3_000 }))).toMatchObject(early)
    expect(verdictOf('CM-04', owned({ slice: 2_500, service: 3_000, user: 'eve' })).status).toBe('pass')
  })

  test('allows faults of the controller manager their time, and does not need an owner that was removed', () => {
    const down = (builder: JournalBuilder): void =>
      void builder.fault(
        'f9',
        'stop',
        { machines: ['control-plane1', 'control-plane2'], component: 'kube-controller-manager' },
        1_900,
        100_000,
      )
    expect(verdictOf('CM-04', owned({ service: 2_000, slice: 101_000, more: down })).status).toBe('pass')
    const orphaned = edited(owned({ service: 2_000 }), 'watch', (record) =>
      record.name === 'old-x' ? { ...record, object: { metadata: {}, endpoints: [] } } : record,
    )
    expect(verdictOf('CM-04', orphaned)).toMatchObject({ code: 'STIMULUS_ABSENT' })
  })
})
