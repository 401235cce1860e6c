import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import type { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { workedExample } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

function requests(
  change: (record: Extract<JournalRecord, { kind: 'audit' }>) => JournalRecord | undefined,
): JournalRecord[] {
  return edited(workedExample(), 'audit', change)
}

describe('FLOW-01', () => {
  test('is late where the Deployment was stored slowly', () => {
    const journal = requests((record) => (record.name === 'hello' ? { ...record, endedAt: record.at + 1_500 } : record))
    expect(verdictOf('FLOW-01', journal)).toMatchObject({
      status: 'late',
      code: 'STORED_LATE',
      values: { afterMs: 1_500 },
    })
  })

  test('fails for a Deployment that was stored and then not found', () => {
    const journal = workedExample((builder) =>
      builder.request(1_100, { verb: 'get', resource: 'deployments', name: 'hello', code: 404 }),
    )
    expect(verdictOf('FLOW-01', journal)).toMatchObject({
      status: 'fail',
      code: 'STORED_NOT_FOUND',
      values: { afterMs: 95 },
    })
  })

  test('is inconclusive without the request', () => {
    const journal = requests((record) => (record.resource === 'deployments' ? undefined : record))
    expect(verdictOf('FLOW-01', journal).code).toBe('STIMULUS_ABSENT')
  })
})

describe('FLOW-02', () => {
  test('fails for a surplus pod', () => {
    const journal = workedExample((builder) => builder.pod(1_100, 'hello-3', 'worker3', 'control-plane1', 'hello'))
    expect(verdictOf('FLOW-02', journal)).toMatchObject({
      status: 'fail',
      code: 'TOO_MANY_PODS',
      values: { deployment: 'hf-worked-example/hello', pods: 3, wanted: 2 },
    })
  })

  test('fails for a ReplicaSet of another client', () => {
    const journal = requests((record) => (record.resource === 'replicasets' ? { ...record, user: 'eve' } : record))
    expect(verdictOf('FLOW-02', journal)).toMatchObject({
      status: 'fail',
      code: 'FOREIGN_CREATOR',
      values: { user: 'eve', resource: 'replicasets' },
    })
  })

  test('fails for a pod of another owner', () => {
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
      code: 'PODS_MISSING',
      values: { pods: 1, wanted: 2 },
    })
  })

  test('fails for pods that are created before their ReplicaSet', () => {
    const journal = requests((record) =>
      record.resource === 'replicasets' ? { ...record, at: start + 3_000 } : record,
    )
    expect(verdictOf('FLOW-02', journal)).toMatchObject({ status: 'fail', code: 'WRONG_ORDER' })
  })
})

describe('FLOW-03', () => {
  test('fails for a second binding of a pod', () => {
    const journal = workedExample((builder) => builder.binding(1_200, 'hello-1', 'worker3', 'control-plane1'))
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'fail',
      code: 'BOUND_SEVERAL_TIMES',
      values: { pod: 'hello-1', nodes: ['worker1', 'worker3'] },
    })
  })

  test('fails for a binding of another client', () => {
    const journal = requests((record) => (record.subresource === 'binding' ? { ...record, user: 'eve' } : record))
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'fail',
      code: 'FOREIGN_BINDING',
      values: { user: 'eve', pod: 'hello-1', node: 'worker1' },
    })
  })

  test('fails for a pod on another Node than it was bound to', () => {
    const journal = requests((record) =>
      record.subresource === 'binding' && record.name === 'hello-2' ? { ...record, detail: 'worker3' } : record,
    )
    expect(verdictOf('FLOW-03', journal)).toMatchObject({
      status: 'fail',
      code: 'BOUND_ELSEWHERE',
      values: { pod: 'hello-2', node: 'worker3', placed: 'worker2' },
    })
  })
})

describe('FLOW-04', () => {
  test('fails for a container on a wrong Node', () => {
    const journal = workedExample((builder) => builder.census(12_000, { 'hello-1': 'worker3', 'hello-2': 'worker2' }))
    expect(verdictOf('FLOW-04', journal)).toMatchObject({
      status: 'fail',
      code: 'WRONG_NODE',
      values: { pod: 'hello-1', node: 'worker1', runs: 'worker3' },
    })
  })

  test("fails for a kubelet that reports on another kubelet's pod", () => {
    const journal = workedExample((builder) =>
      builder.request(2_500, {
        verb: 'patch',
        subresource: 'status',
        name: 'hello-1',
        user: 'system:node:worker3',
        code: 200,
      }),
    )
    expect(verdictOf('FLOW-04', journal)).toMatchObject({
      status: 'fail',
      code: 'FOREIGN_REPORT',
      values: { pod: 'hello-1', node: 'worker1', user: 'system:node:worker3' },
    })
  })

  test('is late where a pod became Ready too late', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.name === 'hello-2' && record.at > start + 1_900 ? { ...record, at: record.at + 6_000 } : record,
    )
    expect(verdictOf('FLOW-04', journal)).toMatchObject({
      status: 'late',
      code: 'READY_LATE',
      values: { afterMs: 6_930 },
    })
  })

  test('multiplies the bound by the pods that start on one Node at the same time', () => {
    const journal = edited(
      workedExample((builder) => builder.pod(1_085, 'other-1', 'worker2', 'control-plane1', 'other')),
      'watch',
      (record) =>
        record.name === 'hello-2' && record.at > start + 1_900 ? { ...record, at: record.at + 6_000 } : record,
    )
    expect(verdictOf('FLOW-04', journal)).toMatchObject({ status: 'pass', bound: { limit: 10_000 } })
  })

  test('fails where kubectl disagrees, and reports a missing kubectl record', () => {
    const crashed = edited(workedExample(), 'command', (record) => ({
      ...record,
      stdout: record.stdout.replace('Running', 'Error'),
    }))
    expect(verdictOf('FLOW-04', crashed)).toMatchObject({ status: 'fail', code: 'KUBECTL_DISAGREES' })
    const untold = edited(workedExample(), 'command', () => undefined)
    expect(verdictOf('FLOW-04', untold)).toMatchObject({ status: 'pass', values: { kubectl: false } })
    expect(verdictOf('FLOW-04', workedExample())).toMatchObject({ status: 'pass', values: { kubectl: true } })
    const unlisted = edited(workedExample(), 'containers', () => undefined)
    expect(verdictOf('FLOW-04', unlisted)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
    const empty = edited(workedExample(), 'containers', (record) => ({ ...record, containers: [] }))
    expect(verdictOf('FLOW-04', empty)).toMatchObject({
      status: 'fail',
      code: 'NOT_IN_RUNTIME',
      values: { pod: 'hello-1', node: 'worker1' },
    })
  })

  test('requires no container of a pod that stops being Ready just after the listing, or while a fault may have stopped it', () => {
    const empty = (before: (builder: JournalBuilder) => unknown): JournalRecord[] =>
      edited(
        workedExample((builder) => void before(builder)),
        'containers',
        (record) => (record.machine === 'worker1' ? { ...record, containers: [] } : record),
      )
    const ends = empty((builder) => builder.unready(12_000, 'hello-1', 'worker1', 'hello'))
    expect(verdictOf('FLOW-04', ends)).toMatchObject({ status: 'inconclusive', code: 'NOT_LOOKED_AT' })
    const hit = empty((builder) => builder.fault('f1', 'restart-machine', { machines: ['worker1'] }, 9_000, 11_000))
    expect(verdictOf('FLOW-04', hit)).toMatchObject({ status: 'inconclusive', code: 'NOT_LOOKED_AT' })
  })
})

describe('FLOW-05', () => {
  test('fails for an address that two Services have', () => {
    const journal = workedExample((builder) => builder.service(3_000, 'other', '10.96.0.50'))
    expect(verdictOf('FLOW-05', journal)).toMatchObject({
      status: 'fail',
      code: 'ADDRESS_SHARED',
      values: { other: 'hf-worked-example/other', address: '10.96.0.50' },
    })
  })

  test('fails for slices that leave a pod out', () => {
    const journal = edited(workedExample(), 'watch', (record) => {
      const { endpoints } = record.object as { endpoints?: unknown[] }
      return endpoints ? { ...record, object: { ...record.object, endpoints: endpoints.slice(0, 1) } } : record
    })
    expect(verdictOf('FLOW-05', journal)).toMatchObject({
      status: 'fail',
      code: 'SLICES_INCOMPLETE',
      values: { pods: ['hello-1', 'hello-2'], ready: ['hello-1'] },
    })
  })

  test('fails for a pod that one Node can not reach', () => {
    const journal = edited(workedExample(), 'sample', (record) =>
      record.from === 'control-plane2' ? { ...record, backends: { 'hello-1': 200 } } : record,
    )
    expect(verdictOf('FLOW-05', journal)).toMatchObject({
      status: 'fail',
      code: 'ENDPOINT_UNREACHABLE',
      values: { node: 'control-plane2', missed: ['hello-2 over TCP', 'hello-2 over UDP'] },
    })
  })

  test('is late where the slices were slow', () => {
    const journal = edited(workedExample(), 'watch', (record) =>
      record.resource === 'endpointslices' ? { ...record, at: record.at + 3_000 } : record,
    )
    expect(verdictOf('FLOW-05', journal)).toMatchObject({
      status: 'late',
      code: 'SLICES_LATE',
      values: { afterMs: 3_050 },
    })
  })
})
