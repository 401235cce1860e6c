import { describe, expect, test } from 'vitest'
import { partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { confirmed, prolonged, withStatus } from './testing/changed-store.ts'

describe('ETCD-03', () => {
  test('fails for a write that the minority confirms', () => {
    expect(verdictOf('ETCD-03', confirmed('etcd1', 15_000, 15_600))).toMatchObject({
      status: 'fail',
      code: 'MINORITY_CONFIRMED',
      values: { writes: ['etcd1 confirmed etcd1-15150 5.2 s'] },
    })
  })

  test('accepts a write that is confirmed after the partition healed', () => {
    expect(verdictOf('ETCD-03', confirmed('etcd1', 24_500, 25_000)).status).toBe('pass')
  })

  test('fails for two leaders in one term', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member === 'etcd1' && record.at >= start + 13_000 && record.at <= start + 15_000
        ? { ...record, leader: 'etcd1', term: 3 }
        : record,
    )
    expect(verdictOf('ETCD-03', journal)).toMatchObject({
      status: 'fail',
      code: 'TWO_LEADERS',
      values: { term: 3, leaders: ['etcd2', 'etcd1'] },
    })
  })

  test.for(['etcd1', 'etcd2'])('accepts one status of %s whose leader and term do not match', (leader) => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member === 'etcd1' && record.at === start + 25_500 ? { ...record, leader, term: 2 } : record,
    )
    expect(verdictOf('ETCD-03', journal).status).toBe('pass')
  })

  test('fails for a member of the majority that confirms no write, also where nothing was written to the minority', () => {
    const journal = edited(partitionEtcd(), 'write', (record) => {
      const isCut = record.at > start + 10_000 && record.at < start + 25_000
      if (isCut && record.via === 'etcd1') return undefined
      return isCut && record.via === 'etcd3' ? { ...record, outcome: 'unknown' } : record
    })
    expect(verdictOf('ETCD-03', journal)).toMatchObject({ status: 'fail', code: 'MAJORITY_SILENT' })
  })

  test('fails for a member of the majority that confirms no write', () => {
    const journal = edited(partitionEtcd(), 'write', (record) =>
      record.via === 'etcd3' && record.at > start + 10_000 && record.at < start + 25_000
        ? { ...record, outcome: 'unknown' }
        : record,
    )
    expect(verdictOf('ETCD-03', journal)).toMatchObject({
      status: 'fail',
      code: 'MAJORITY_SILENT',
      values: { member: 'etcd3' },
    })
  })

  test('is late where the old leader remained leader for too long', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member === 'etcd1' && record.at >= start + 10_000 && record.at < start + 14_000
        ? { ...record, leader: 'etcd1' }
        : record,
    )
    expect(verdictOf('ETCD-03', journal)).toMatchObject({
      status: 'late',
      code: 'STEP_DOWN_LATE',
      values: { minority: ['etcd1'], afterMs: 3_900 },
      bound: { limit: 2_200 },
    })
  })

  test('fails where the old leader never steps down', () => {
    const journal = withStatus(partitionEtcd(), 'etcd1', { from: 10_000, until: 25_000 }, { leader: 'etcd1' })
    expect(verdictOf('ETCD-03', journal)).toMatchObject({
      status: 'fail',
      code: 'NEVER_STEPPED_DOWN',
      values: { minority: ['etcd1'], afterMs: 14_900 },
    })
  })

  test('fails for a minority that never rejoins', () => {
    const healed = edited(partitionEtcd(), 'fault', (record) => (record.id === 'f1' ? record : undefined))
    const away = withStatus(prolonged(healed, 120_000), 'etcd1', { from: 25_000 }, { leader: '' })
    expect(verdictOf('ETCD-03', away)).toMatchObject({
      status: 'fail',
      code: 'MEMBER_NEVER_REJOINED',
      values: { member: 'etcd1', state: 'leaderless' },
    })
  })

  test.each(['etcd1', 'etcd2', 'etcd3'])('is inconclusive where a part of the statuses of %s is missing', (member) => {
    const without = (seconds: number) =>
      edited(partitionEtcd(), 'etcd', (record) =>
        record.member === member && record.at > start + 15_000 && record.at < start + 15_000 + seconds * 1_000
          ? undefined
          : record,
      )
    expect(verdictOf('ETCD-03', without(2)).status).toBe('pass')
    expect(verdictOf('ETCD-03', without(7))).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_OBSERVED',
      values: { member },
    })
  })

  test('is inconclusive without writes to the minority', () => {
    const journal = edited(partitionEtcd(), 'write', (record) => (record.via === 'etcd1' ? undefined : record))
    expect(verdictOf('ETCD-03', journal)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_WRITTEN',
    })
  })
})
