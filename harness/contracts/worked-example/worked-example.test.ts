import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { workedExample } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

function requests(
  change: (record: Extract<JournalRecord, { kind: 'audit' }>) => JournalRecord | undefined,
): JournalRecord[] {
  return edited(workedExample(), 'audit', change)
}

describe('FLOW-01', () => {
  test('is late where the Deployment was stored slowly', () => {
    const journal = requests((record) => (record.name === 'hello' ? { ...record, endedAt: record.at + 1_500 } : record))
    expect(verdictOf('FLOW-01', journal)).toMatchObject({ status: 'late', measured: 1_500 })
  })

  test('is broken where it was stored and then not found', () => {
    const journal = workedExample((script) =>
      script.request(1_100, { verb: 'get', resource: 'deployments', name: 'hello', code: 404 }),
    )
    expect(verdictOf('FLOW-01', journal)).toMatchObject({ status: 'fail', observed: 'stored and not found' })
  })

  test('is undecided without the request', () => {
    const journal = requests((record) => (record.resource === 'deployments' ? undefined : record))
    expect(verdictOf('FLOW-01', journal).status).toBe('inconclusive')
  })
})

describe('FLOW-02', () => {
  test('is broken by a pod too many', () => {
    const journal = workedExample((script) => script.pod(1_100, 'hello-3', 'worker3', 'control-plane1', 'hello'))
    expect(verdictOf('FLOW-02', journal)).toMatchObject({ status: 'fail', reason: '3 pods were created for 2 wanted.' })
  })

  test('is broken by a ReplicaSet that somebody else makes', () => {
    const journal = requests((record) => (record.resource === 'replicasets' ? { ...record, user: 'eve' } : record))
    expect(verdictOf('FLOW-02', journal)).toMatchObject({ status: 'fail', reason: 'eve created a ReplicaSet.' })
  })

  test('is broken by a pod of another owner', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.resource === 'pods' && record.name === 'hello-2'
        ? {
            ...record,
            object: JSON.parse(JSON.stringify(record.object).replace(/"uid":"[^"]*"/, '"uid":"other"')) as Record<
              string,
              unknown
            >,
          }
        : record,
    )
    expect(verdictOf('FLOW-02', journal)).toMatchObject({
      status: 'fail',
      reason: 'hello-2 is not owned by ReplicaSet hello-5d.',
    })
  })

  test('is broken by pods that come before their ReplicaSet', () => {
    const journal = requests((record) =>
      record.resource === 'replicasets' ? { ...record, at: start + 3_000 } : record,
    )
    expect(verdictOf('FLOW-02', journal)).toMatchObject({ status: 'fail', observed: 'wrong order' })
  })
})

describe('FLOW-03', () => {
  test('is broken by a second binding of a pod', () => {
    const journal = workedExample((script) => script.binding(1_200, 'hello-1', 'worker3', 'control-plane1'))
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'fail',
      reason: 'hello-1 was bound 2 times, once is right.',
    })
  })

  test('is broken by somebody else who binds', () => {
    const journal = requests((record) => (record.subresource === 'binding' ? { ...record, user: 'eve' } : record))
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'fail',
      reason: 'eve asked to bind hello-1 to worker1.',
    })
  })

  test('is broken by a pod on another Node than it was bound to', () => {
    const journal = requests((record) =>
      record.subresource === 'binding' && record.name === 'hello-2' ? { ...record, detail: 'worker3' } : record,
    )
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'fail',
      reason: 'hello-2 was bound to worker3 and is on worker2.',
    })
  })
})

describe('FLOW-04', () => {
  test('is broken by a container on a wrong Node', () => {
    const journal = workedExample((script) => script.census(12_000, { 'hello-1': 'worker3', 'hello-2': 'worker2' }))
    expect(verdictOf('FLOW-04', journal)).toMatchObject({
      status: 'fail',
      reason: 'Containers of hello-1 run on worker3, and it was bound to worker1.',
    })
  })

  test('is broken by a kubelet that reports on a pod of another', () => {
    const journal = workedExample((script) =>
      script.request(2_500, {
        verb: 'patch',
        subresource: 'status',
        name: 'hello-1',
        user: 'system:node:worker3',
        code: 200,
      }),
    )
    expect(verdictOf('FLOW-04', journal)).toMatchObject({ status: 'fail', observed: 'system:node:worker3' })
  })

  test('is late where a pod was slow to be Ready', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.name === 'hello-2' && record.at > start + 1_900 ? { ...record, at: record.at + 6_000 } : record,
    )
    expect(verdictOf('FLOW-04', journal)).toMatchObject({ status: 'late', measured: 6_930 })
  })

  test('is broken where kubectl shows something else, undecided where it was not asked', () => {
    const crashed = edited(workedExample(), 'command', (record) => ({
      ...record,
      stdout: record.stdout.replace('Running', 'Error'),
    }))
    expect(verdictOf('FLOW-04', crashed)).toMatchObject({ status: 'fail', observed: 'kubectl disagrees' })
    expect(
      verdictOf(
        'FLOW-04',
        edited(workedExample(), 'command', () => undefined),
      ).status,
    ).toBe('inconclusive')
    expect(
      verdictOf(
        'FLOW-04',
        edited(workedExample(), 'containers', () => undefined),
      ).status,
    ).toBe('inconclusive')
  })
})

describe('FLOW-05', () => {
  test('is broken by an address that is given twice', () => {
    const journal = workedExample((script) => script.service(3_000, 'other', '10.96.0.50'))
    expect(verdictOf('FLOW-05', journal)).toMatchObject({ status: 'fail', observed: 'an address given twice' })
  })

  test('is broken by slices that leave a pod out', () => {
    const journal = edited(workedExample(), 'watch', (record) => {
      const { endpoints } = record.object as { endpoints?: unknown[] }
      return endpoints ? { ...record, object: { ...record.object, endpoints: endpoints.slice(0, 1) } } : record
    })
    expect(verdictOf('FLOW-05', journal)).toMatchObject({
      status: 'fail',
      reason: 'The slices never listed exactly hello-1 and hello-2, at the end hello-1.',
    })
  })

  test('is broken by a pod that one Node can not reach', () => {
    const journal = edited(workedExample(), 'sample', (record) =>
      record.from === 'control-plane2' ? { ...record, backends: { 'hello-1': 200 } } : record,
    )
    expect(verdictOf('FLOW-05', journal)).toMatchObject({
      status: 'fail',
      reason: 'On control-plane2 the address was never answered by hello-2 over TCP and hello-2 over UDP.',
    })
  })

  test('is late where the slices were slow', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.resource === 'endpointslices' ? { ...record, at: record.at + 3_000 } : record,
    )
    expect(verdictOf('FLOW-05', journal)).toMatchObject({ status: 'late', measured: 3_050 })
  })
})
