import { describe, expect, test } from 'vitest'
import { addressOf, start } from '../../../judge/testing/cluster-facts.ts'
import type { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import { workedExample } from '../../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../../record/records.ts'

type Group = RecordOf<'sockets'>['connections'][number]

const port = 2379
const toEtcd = (client: string, process: string, ports: number[], end: Group['end'] = 'client'): Group => ({
  end,
  process,
  client: addressOf(client),
  server: addressOf('etcd1'),
  ports,
})

/** Three rounds on etcd1, the API servers' machines and a worker; `more` is what etcd1 and others have besides. */
function counted(
  more: { readonly server?: readonly Group[]; readonly worker?: readonly Group[] } = {},
  change: (builder: JournalBuilder) => void = () => undefined,
): JournalRecord[] {
  return workedExample((builder) => {
    for (const t of [12_000, 12_200, 12_400]) {
      const record = (machine: string, connections: readonly Group[]): unknown =>
        builder.add(t, { kind: 'sockets', endedAt: start + t + 50, machine, port, connections: [...connections] })
      record('etcd1', [toEtcd('control-plane1', 'etcd', [40_000, 40_001], 'server'), ...(more.server ?? [])])
      record('control-plane1', [toEtcd('control-plane1', 'kube-apiserver', [40_000, 40_001])])
      record('worker1', more.worker ?? [])
    }
    const events = [
      { key: '/registry/deployments/hf-worked-example/hello', revision: 900, type: 'put' as const },
      { key: '/registry/leases/kube-system/kube-scheduler', revision: 901, type: 'put' as const },
    ]
    builder.add(1_005, { kind: 'stored', member: 'etcd1', events })
    change(builder)
  })
}

describe('API-01', () => {
  test('passes where only API servers are clients and each change has a request', () => {
    expect(verdictOf('API-01', counted())).toMatchObject({ status: 'pass', values: { censuses: 3, changes: 1 } })
  })

  const kubelet = toEtcd('worker1', 'kubelet', [50_000])
  const pod = toEtcd('worker1', '', [50_001], 'server')
  test.each([
    ['a component of another machine', { worker: [kubelet] }, 'kubelet', 'worker1'],
    ['a pod, whose connection no process of the machine holds', { server: [pod] }, '', 'worker1'],
    ['a host outside of the cluster', { server: [{ ...pod, client: '10.0.0.99' }] }, '', '10.0.0.99'],
  ])('fails for a connection of %s', (_, more, process, client) => {
    const values = { process, client, server: 'etcd1' }
    expect(verdictOf('API-01', counted(more))).toMatchObject({ status: 'fail', code: 'FOREIGN_CLIENT', values })
  })

  test('passes for the connections of Holdfast itself', () => {
    const own = { server: [{ ...pod, ports: [50_002] }], worker: [toEtcd('worker1', 'holdfast', [50_002])] }
    expect(verdictOf('API-01', counted(own)).status).toBe('pass')
  })

  test('fails for a change without a request', () => {
    const journal = counted({}, (builder) => {
      const events = [{ key: '/registry/deployments/hf-worked-example/hello', revision: 950, type: 'delete' as const }]
      builder.add(9_000, { kind: 'stored', member: 'etcd2', events })
    })
    const values = { object: 'deployments hf-worked-example/hello', revision: 950, changes: 1 }
    expect(verdictOf('API-01', journal)).toMatchObject({ status: 'fail', code: 'CHANGE_NOT_AUDITED', values })
  })

  test('is inconclusive where connections, audit logs or stored changes are missing', () => {
    const gap = (resource: string): JournalRecord[] =>
      counted({}, (builder) => {
        builder.add(5_000, { kind: 'gap', source: 'worker1', resource, until: start + 5_100, reason: 'lost' })
      })
    expect(verdictOf('API-01', gap('sockets')).code).toBe('NOT_COUNTED')
    expect(verdictOf('API-01', gap('audit')).code).toBe('NOT_AUDITED')
    expect(
      verdictOf(
        'API-01',
        edited(counted(), 'stored', () => undefined),
      ).code,
    ).toBe('NOT_STORED')
  })

  test('is not exercised without a reading of the clients', () => {
    expect(verdictOf('API-01', workedExample()).code).toBe('STIMULUS_ABSENT')
  })
})
