import { describe, expect, test } from 'vitest'
import { partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { confirmed } from '../etcd/testing/changed-store.ts'

describe('API-08', () => {
  test('fails for a confirmed API write', () => {
    expect(verdictOf('API-08', confirmed('apiserver@control-plane1', 50_000, 50_500))).toMatchObject({
      status: 'fail',
      code: 'API_WRITE_CONFIRMED',
      values: { writes: ['apiserver@control-plane1 confirmed apiserver@control-plane1-50150'] },
    })
  })

  test('fails for a Service that stops answering', () => {
    const journal = edited(partitionEtcd(), 'attempt', ({ backend, ...record }) =>
      record.from === 'worker2' &&
      record.protocol === 'udp' &&
      record.at >= start + 45_000 &&
      record.at < start + 46_000
        ? { ...record, ok: false, error: 'no answer in time' }
        : { ...record, ...(backend ? { backend } : {}) },
    )
    expect(verdictOf('API-08', journal)).toMatchObject({
      status: 'fail',
      code: 'SERVICE_SILENT',
      values: { probe: 'worker2 udp', failed: 5, attempts: 100, longestMs: 1_000, longestAtLeastMs: 800 },
    })
  })

  test('is inconclusive where the host stood still for as long as a Service did not answer', () => {
    const silent = (seconds: number, errorClass: 'no-answer' | 'refused', latestMs: number): JournalRecord[] => {
      const journal = edited(partitionEtcd(), 'attempt', ({ backend, ...record }) =>
        record.from === 'worker2' && record.at >= start + 45_000 && record.at < start + 45_000 + seconds * 1_000
          ? { ...record, ok: false, error: 'lost', errorClass }
          : { ...record, ...(backend ? { backend } : {}) },
      )
      const host = { kind: 'host', at: start + 46_500, everyMs: 2_000, latestMs, cores: 2 } as const
      return journal.toSpliced(
        journal.findLastIndex(({ kind }) => kind === 'scenario'),
        0,
        host,
      )
    }
    expect(verdictOf('API-08', silent(1, 'no-answer', 900))).toMatchObject({
      status: 'inconclusive',
      code: 'HOST_NOISE',
      values: { finding: 'SERVICE_SILENT', hostLateMs: 900 },
    })
    expect(verdictOf('API-08', silent(1, 'no-answer', 5))).toMatchObject({ status: 'fail', code: 'SERVICE_SILENT' })
    expect(verdictOf('API-08', silent(1, 'refused', 900))).toMatchObject({ status: 'fail', code: 'SERVICE_SILENT' })
    expect(verdictOf('API-08', silent(8, 'no-answer', 900))).toMatchObject({ status: 'fail', code: 'SERVICE_SILENT' })
  })

  test('fails for a Service that stops answering, also where containers and writes are missing', () => {
    const journal = edited(partitionEtcd(), 'attempt', ({ backend, ...record }) =>
      record.from === 'worker2' && record.at >= start + 45_000 && record.at < start + 46_000
        ? { ...record, ok: false, error: 'lost' }
        : { ...record, ...(backend ? { backend } : {}) },
    )
    const unlisted = edited(journal, 'containers', () => undefined)
    const unwritten = edited(unlisted, 'write', ({ via, at, ...record }) =>
      at > start + 40_000 && via.startsWith('apiserver@') ? undefined : { via, at, ...record },
    )
    expect(verdictOf('API-08', unwritten)).toMatchObject({ status: 'fail', code: 'SERVICE_SILENT' })
  })

  test('fails for a container that ended', () => {
    const journal = edited(partitionEtcd(), 'containers', (record) =>
      record.machine === 'worker1' && record.at > start + 60_000 ? { ...record, containers: [] } : record,
    )
    expect(verdictOf('API-08', journal)).toMatchObject({
      status: 'fail',
      code: 'CONTAINERS_ENDED',
      values: { containers: ['web-1 on worker1', 'web-4 on worker1'] },
    })
  })

  test('is inconclusive for a Node without probes', () => {
    const journal = edited(partitionEtcd(), 'attempt', (record) =>
      record.from === 'control-plane2' ? undefined : record,
    )
    expect(verdictOf('API-08', journal)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_PROBED',
    })
  })

  test('passes for a Service of any name and counts what was judged', () => {
    const text = JSON.stringify(partitionEtcd()).replaceAll('web', 'cart').replaceAll('hf-partition-etcd', 'shop')
    expect(verdictOf('API-08', JSON.parse(text) as JournalRecord[])).toMatchObject({
      status: 'pass',
      code: 'RAN_ON',
      values: { outageMs: 20_000, containers: 6, machines: 5, services: 1, attempts: 1_000 },
    })
  })

  test('judges a time without any API server', () => {
    const down = edited(partitionEtcd(), 'fault', (record) => {
      if (record.id === 'f1') return undefined
      const machine = record.id === 'f2' ? 'control-plane1' : 'control-plane2'
      return { ...record, target: { machines: [machine], component: 'kube-apiserver' } }
    })
    expect(verdictOf('API-08', down)).toMatchObject({ status: 'pass', code: 'RAN_ON' })
    const one = edited(down, 'fault', (record) => (record.id === 'f3' ? undefined : record))
    expect(verdictOf('API-08', one).code).toBe('STIMULUS_ABSENT')
  })

  test.each([
    ['a Node', { machines: ['worker1'] }],
    [
      'the network of Nodes',
      { machines: ['worker1'], cut: [{ from: 'worker1', to: 'worker2' }], network: 'cluster' as const },
    ],
    ['pods', { machines: [], pods: { namespace: 'shop', selector: 'app=cart' } }],
    ['kube-proxy', { machines: ['worker1'], component: 'kube-proxy' }],
  ])('skips a time in which another fault may have hit %s', (_, target) => {
    const journal = partitionEtcd((builder) => builder.fault('f9', 'impair', target, 45_000, 50_000))
    expect(verdictOf('API-08', journal).code).toBe('STIMULUS_ABSENT')
  })

  test('requires no answer from a Service that did not answer before', () => {
    const journal = edited(partitionEtcd(), 'attempt', ({ backend: _, ...record }) =>
      record.from === 'worker2'
        ? { ...record, ok: false, error: 'no answer in time' }
        : { ...record, backend: 'web-1' },
    )
    expect(verdictOf('API-08', journal)).toMatchObject({ status: 'pass', code: 'RAN_ON' })
    const fresh = edited(journal, 'attempt', (record) =>
      record.from === 'worker2' && record.at < start + 40_000 ? undefined : record,
    )
    expect(verdictOf('API-08', fresh)).toMatchObject({ status: 'inconclusive', code: 'NOT_PROBED' })
  })

  test('requires of containers only what the state of their pods requires', () => {
    const ended = edited(partitionEtcd(), 'containers', (record) =>
      record.machine === 'worker1' && record.at > start + 60_000 ? { ...record, containers: [] } : record,
    )
    const unready = edited(ended, 'watch', (record) => {
      if (record.resource !== 'pods' || !['web-1', 'web-4'].includes(record.name)) return record
      return { ...record, object: { ...record.object, status: { phase: 'Running' } } }
    })
    expect(verdictOf('API-08', unready)).toMatchObject({ status: 'pass', values: { containers: 4 } })
  })

  test('is inconclusive without writes through an API server, and judges the rest without a ledger', () => {
    const unwritten = edited(partitionEtcd(), 'write', (record) =>
      record.via.startsWith('apiserver@') && record.at > start + 39_000 && record.at < start + 62_000
        ? undefined
        : record,
    )
    expect(verdictOf('API-08', unwritten)).toMatchObject({ status: 'inconclusive', code: 'NOT_WRITTEN' })
    const bare = edited(partitionEtcd(), 'write', () => undefined)
    expect(verdictOf('API-08', bare)).toMatchObject({ status: 'pass', values: { tried: 0 } })
    const unseen = edited(partitionEtcd(), 'containers', () => undefined)
    expect(verdictOf('API-08', unseen)).toMatchObject({ status: 'inconclusive', code: 'NOT_LOOKED_AT' })
  })
})
