import { describe, expect, test } from 'vitest'
import { partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { confirmed, cutShort, forgetful, prolonged, withStatus } from './testing/changed-store.ts'

describe('ETCD-04', () => {
  test('fails for a write that is confirmed without a quorum', () => {
    expect(verdictOf('ETCD-04', confirmed('etcd2', 50_000, 50_500))).toMatchObject({
      status: 'fail',
      code: 'CONFIRMED_WITHOUT_QUORUM',
      values: { writes: ['etcd2 confirmed etcd2-50150 10.2 s'] },
    })
  })

  test.each([
    ['before the reverts began', 56_000, 'fail', 'CONFIRMED_WITHOUT_QUORUM'],
    ['while members were started', 58_000, 'pass', 'QUORUM_RECOVERED'],
  ])('judges a write that is acknowledged %s', (_, at, status, code) => {
    const journal = edited(confirmed('etcd2', at, at + 500), 'fault', (record) =>
      record.fault === 'kill' && record.edge === 'healed' ? { ...record, revertingAt: start + 57_000 } : record,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({ status, code })
  })

  test('fails for a lost acknowledged write', () => {
    expect(verdictOf('ETCD-04', forgetful('apiserver@control-plane2', 'apiserver@control-plane1-30150'))).toMatchObject(
      { status: 'fail', code: 'WRITES_LOST' },
    )
  })

  test('fails where one endpoint confirms no write after the majority returned', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'apiserver@control-plane1' && record.at > start + 40_000
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'fail',
      code: 'NO_RECOVERY',
      values: { via: 'apiserver@control-plane1', afterMs: 9_655 },
    })
  })

  test('is inconclusive where no client wrote through one endpoint for long enough', () => {
    const journal = edited(partitionEtcd(), 'write', (record) => {
      if (record.via !== 'apiserver@control-plane1' || record.at <= start + 40_000) return record
      return record.at < start + 65_000 ? { ...record, outcome: 'unknown' } : undefined
    })
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'inconclusive',
      code: 'RECORDING_ENDS',
    })
  })

  test.each([
    ['silent', { answered: false }],
    ['leaderless', { leader: '' }],
    ['behind', { revision: 4 }],
  ])('fails for a member that stays %s after the majority returned', (state, change) => {
    const journal = withStatus(prolonged(partitionEtcd(), 130_000), 'etcd3', { from: 60_000 }, change)
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'fail',
      code: 'MEMBER_NEVER_REJOINED',
      values: { member: 'etcd3', state, afterMs: 69_900 },
      bound: { limit: 44_000 },
    })
  })

  test('is inconclusive where the recording ends before a member had to rejoin', () => {
    const journal = withStatus(partitionEtcd(), 'etcd3', { from: 60_000 }, { answered: false })
    expect(verdictOf('ETCD-04', journal)).toMatchObject({ status: 'inconclusive', code: 'RECORDING_ENDS' })
  })

  test('judges the recovery by the members without a ledger', () => {
    const bare = edited(
      edited(partitionEtcd(), 'write', () => undefined),
      'read',
      () => undefined,
    )
    expect(verdictOf('ETCD-04', bare)).toMatchObject({
      status: 'pass',
      code: 'QUORUM_RECOVERED',
      values: { tried: 0, slowestMs: 1_600 },
    })
  })

  test('judges a quorum that is not restored by its writes alone', () => {
    const permanent = edited(partitionEtcd(), 'fault', (record) => {
      if (record.id === 'f1') return record
      return record.edge === 'healed' ? undefined : { ...record, permanent: true }
    })
    const silent = edited(cutShort(permanent, 60_000), 'read', () => undefined)
    const read = edited(partitionEtcd(), 'read', (record) => record).filter((one) => one.kind === 'read')
    const survivor = read.filter(({ via }) => via === 'etcd2' || via.startsWith('api'))
    const end = partitionEtcd().filter((one) => one.kind === 'scenario' && one.edge === 'end')
    expect(verdictOf('ETCD-04', [...silent, ...survivor, ...end])).toMatchObject({
      status: 'pass',
      code: 'NOTHING_CONFIRMED',
    })
  })

  test('is late where recovery took too long', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd3' && record.at > start + 40_000 && record.at < start + 69_400
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'late',
      code: 'RECOVERY_LATE',
      values: { via: 'etcd3', slowestMs: 9_655 },
      bound: { limit: 9_000 },
    })
  })

  test('is known where a k3s server had to restart first, for as long as that may take', () => {
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

  test('is inconclusive where clients wrote to stopped members only', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd1' || record.via === 'etcd3' ? record : undefined,
    )
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_WRITTEN',
    })
  })

  test('is inconclusive where the quorum was never lost', () => {
    const journal = edited(partitionEtcd(), 'fault', (record) => (record.id === 'f3' ? undefined : record))
    expect(verdictOf('ETCD-04', journal)).toMatchObject({
      status: 'inconclusive',
      code: 'STIMULUS_ABSENT',
    })
  })
})
