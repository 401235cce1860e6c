import { describe, expect, test } from 'vitest'
import { partitionEtcd } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { confirmed } from '../etcd/testing/changed-store.ts'

describe('API-08', () => {
  test('is broken by an API write that is confirmed', () => {
    expect(verdictOf('API-08', confirmed('apiserver@control-plane1', 50_000, 50_500))).toMatchObject({
      status: 'fail',
      code: 'API_WRITE_CONFIRMED',
      values: { writes: ['apiserver@control-plane1 confirmed apiserver@control-plane1-50150'] },
    })
  })

  test('is broken by a Service that stops answering', () => {
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

  test('is broken by a container that ended', () => {
    const journal = edited(partitionEtcd(), 'containers', (record) =>
      record.machine === 'worker1' && record.at > start + 60_000 ? { ...record, containers: [] } : record,
    )
    expect(verdictOf('API-08', journal)).toMatchObject({
      status: 'fail',
      code: 'CONTAINERS_ENDED',
      values: { containers: ['web-1 on worker1', 'web-4 on worker1'] },
    })
  })

  test('is undecided where a Node was not probed', () => {
    const journal = edited(partitionEtcd(), 'attempt', (record) =>
      record.from === 'control-plane2' ? undefined : record,
    )
    expect(verdictOf('API-08', journal)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_PROBED',
    })
  })
})
