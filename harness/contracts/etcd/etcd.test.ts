import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { partitionEtcd } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** A member or an API server that forgets what it confirmed. */
function forgetful(via: string, key: string): JournalRecord[] {
  return edited(partitionEtcd(), 'read', (record) => {
    if (record.via !== via) return record
    const { [key]: _, ...values } = record.values
    return { ...record, values }
  })
}

/** Writes that are confirmed all the same, and kept. */
function confirmed(via: string, from: number, until: number): JournalRecord[] {
  const kept: Record<string, string> = {}
  const journal = edited(partitionEtcd(), 'write', (record) => {
    if (record.via !== via || record.at < start + from || record.at >= start + until) return record
    kept[record.key] = record.value
    return { ...record, outcome: 'acked', endedAt: record.at + 5 }
  })
  const store = via.startsWith('apiserver@') ? 'apiserver' : 'etcd'
  return edited(journal, 'read', (record) =>
    record.store === store ? { ...record, values: { ...record.values, ...kept } } : record,
  )
}

describe('ETCD-02', () => {
  test('is broken by an acknowledged write that is gone', () => {
    expect(verdictOf('ETCD-02', forgetful('etcd3', 'etcd2-9650'))).toMatchObject({
      status: 'fail',
      reason: 'Acknowledged writes are gone: etcd2-9650 (acknowledged by etcd2, missing from etcd3).',
    })
  })

  test('is broken by a majority without a leader', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member !== 'etcd1' && record.at > start + 10_000 ? { ...record, leader: '', term: 2 } : record,
    )
    expect(verdictOf('ETCD-02', journal)).toMatchObject({ status: 'fail', observed: 'no new leader' })
  })

  test('is late where the election took too long', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member !== 'etcd1' && record.at > start + 10_000 && record.at < start + 15_000
        ? { ...record, leader: '', term: 2 }
        : record,
    )
    expect(verdictOf('ETCD-02', journal)).toMatchObject({ status: 'late', measured: 5_000, bound: { limit: 4_000 } })
  })

  test('is undecided where a follower was cut off, or nobody read back', () => {
    const follower = edited(partitionEtcd(), 'etcd', (record) =>
      record.at < start + 10_000 && record.answered ? { ...record, leader: 'etcd3' } : record,
    )
    expect(verdictOf('ETCD-02', follower)).toMatchObject({
      status: 'inconclusive',
      reason: 'At no time was the leader of etcd cut off.',
    })
    const unread = edited(partitionEtcd(), 'read', (record) => (record.via === 'etcd3' ? undefined : record))
    expect(verdictOf('ETCD-02', unread)).toMatchObject({
      status: 'inconclusive',
      reason: 'What was written was not read back from etcd3.',
    })
  })
})

describe('ETCD-03', () => {
  test('is broken by a write that the minority confirms', () => {
    expect(verdictOf('ETCD-03', confirmed('etcd1', 15_000, 15_600))).toMatchObject({
      status: 'fail',
      reason: 'etcd1 confirmed etcd1-15150 5.2 s after it was cut off.',
    })
  })

  test('takes no offence at what is confirmed once it is healed', () => {
    expect(verdictOf('ETCD-03', confirmed('etcd1', 24_500, 25_000)).status).toBe('pass')
  })

  test('is broken by two leaders in one term', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member === 'etcd1' && record.at >= start + 13_000 && record.at <= start + 15_000
        ? { ...record, leader: 'etcd1', term: 3 }
        : record,
    )
    expect(verdictOf('ETCD-03', journal)).toMatchObject({ status: 'fail', observed: 'two leaders in one term' })
  })

  test.for(['etcd1', 'etcd2'])(
    'takes no offence at one status of %s whose leader and term do not belong together',
    (leader) => {
      const journal = edited(partitionEtcd(), 'etcd', (record) =>
        record.member === 'etcd1' && record.at === start + 25_500 ? { ...record, leader, term: 2 } : record,
      )
      expect(verdictOf('ETCD-03', journal).status).toBe('pass')
    },
  )

  test('is broken by a member of the majority that confirms nothing', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd3' && record.at > start + 10_000 && record.at < start + 25_000
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    expect(verdictOf('ETCD-03', journal)).toMatchObject({ status: 'fail', observed: 'no write through etcd3' })
  })

  test('is late where the old leader went on leading', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member === 'etcd1' && record.at >= start + 10_000 && record.at < start + 14_000
        ? { ...record, leader: 'etcd1' }
        : record,
    )
    expect(verdictOf('ETCD-03', journal)).toMatchObject({ status: 'late', measured: 3_900, bound: { limit: 2_200 } })
  })

  test('is undecided where nobody wrote to the minority', () => {
    const journal = edited(partitionEtcd(), 'write', (record) => (record.via === 'etcd1' ? undefined : record))
    expect(verdictOf('ETCD-03', journal)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('Nobody wrote to the minority'),
    })
  })
})

describe('ETCD-04', () => {
  test('is broken by a write that is confirmed without a quorum', () => {
    expect(verdictOf('ETCD-04', confirmed('etcd2', 50_000, 50_500))).toMatchObject({
      status: 'fail',
      reason: 'etcd2 confirmed etcd2-50150 10.2 s after the quorum was lost.',
    })
  })

  test('is broken by an acknowledged write that is gone', () => {
    expect(verdictOf('ETCD-04', forgetful('apiserver@control-plane2', 'apiserver@control-plane1-30150'))).toMatchObject(
      { status: 'fail', observed: '1 lost write' },
    )
  })

  test('is broken where one way in stays shut', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'apiserver@control-plane1' && record.at > start + 40_000
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'fail',
      observed: 'no recovery through apiserver@control-plane1',
    })
  })

  test('is undecided where nobody tried for long enough to say that one way in stays shut', () => {
    const journal = edited(partitionEtcd(), 'write', (record) => {
      if (record.via !== 'apiserver@control-plane1' || record.at <= start + 40_000) return record
      return record.at < start + 65_000 ? { ...record, outcome: 'unknown' } : undefined
    })
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'inconclusive',
      reason: 'Nobody wrote through apiserver@control-plane1 long enough after the majority was back.',
    })
  })

  test('is late where recovery took too long', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd3' && record.at > start + 40_000 && record.at < start + 69_400
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({ status: 'late', measured: 9_655, bound: { limit: 9_000 } })
  })

  test('is known where a k3s server had to be started again first, for as long as that may take', () => {
    const late = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd3' && record.at > start + 40_000 && record.at < start + 69_400
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    const onK3s = edited(late, 'cluster', (record) => ({ ...record, distribution: 'k3s' }))
    expect(verdictOf('ETCD-04', onK3s)).toMatchObject({ status: 'known', measured: 9_655, bound: { limit: 34_000 } })
    const slower = edited(onK3s, 'write', (record) =>
      record.via === 'etcd3' && record.at > start + 40_000 ? { ...record, endedAt: record.endedAt + 30_000 } : record,
    )
    expect(verdictOf('ETCD-04', slower)).toMatchObject({ status: 'late', bound: { limit: 9_000 } })
  })

  test('is undecided where only dead members were asked', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd1' || record.via === 'etcd3' ? record : undefined,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'inconclusive',
      reason: 'Nobody wrote to a member that was left while the quorum was lost.',
    })
  })

  test('is undecided where the quorum was never lost', () => {
    const journal = edited(partitionEtcd(), 'fault', (record) => (record.id === 'f3' ? undefined : record))
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'inconclusive',
      reason: 'At no time was the quorum of etcd lost.',
    })
  })
})

describe('API-08', () => {
  test('is broken by an API write that is confirmed', () => {
    expect(verdictOf('API-08', confirmed('apiserver@control-plane1', 50_000, 50_500))).toMatchObject({
      status: 'fail',
      observed: '1 API write confirmed',
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
      reason:
        'While the quorum was lost the Service did not answer worker2 udp (5 of 100, longest gap 1 s, at least 800 ms).',
    })
  })

  test('is broken by a container that ended', () => {
    const journal = edited(partitionEtcd(), 'containers', (record) =>
      record.machine === 'worker1' && record.at > start + 60_000 ? { ...record, containers: [] } : record,
    )
    expect(verdictOf('API-08', journal)).toMatchObject({ status: 'fail', observed: '2 containers ended' })
  })

  test('is undecided where a Node was not probed', () => {
    const journal = edited(partitionEtcd(), 'attempt', (record) =>
      record.from === 'control-plane2' ? undefined : record,
    )
    expect(verdictOf('API-08', journal)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('control-plane2'),
    })
  })
})
