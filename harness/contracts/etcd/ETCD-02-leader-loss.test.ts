import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { cutShort, forgetful, prolonged, withStatus } from './testing/changed-store.ts'

describe('ETCD-02', () => {
  test('fails for a lost acknowledged write', () => {
    expect(verdictOf('ETCD-02', forgetful('etcd3', 'etcd2-9650'))).toMatchObject({
      status: 'fail',
      code: 'WRITES_LOST',
      values: { writes: ['etcd2-9650 (acknowledged by etcd2, missing from etcd3)'] },
    })
  })

  test('fails for a majority without a leader', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member !== 'etcd1' && record.at > start + 10_000 ? { ...record, leader: '', term: 2 } : record,
    )
    expect(verdictOf('ETCD-02', journal)).toMatchObject({
      status: 'fail',
      code: 'NO_NEW_LEADER',
      values: { lost: 'etcd1', afterMs: 29_900 },
      bound: { limit: 4_000 },
    })
  })

  test('is late where the election took too long', () => {
    const journal = edited(partitionEtcd(), 'etcd', (record) =>
      record.member !== 'etcd1' && record.at > start + 10_000 && record.at < start + 15_000
        ? { ...record, leader: '', term: 2 }
        : record,
    )
    expect(verdictOf('ETCD-02', journal)).toMatchObject({
      status: 'late',
      code: 'ELECTION_LATE',
      values: { afterMs: 5_000 },
      bound: { limit: 4_000 },
    })
  })

  test('is inconclusive where a follower was cut off, or where no client read back', () => {
    const follower = edited(partitionEtcd(), 'etcd', (record) =>
      record.at < start + 10_000 && record.answered ? { ...record, leader: 'etcd3' } : record,
    )
    expect(verdictOf('ETCD-02', follower)).toMatchObject({
      status: 'inconclusive',
      code: 'STIMULUS_ABSENT',
    })
    const unread = edited(partitionEtcd(), 'read', (record) => (record.via === 'etcd3' ? undefined : record))
    expect(verdictOf('ETCD-02', unread)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_READ_BACK',
    })
  })
})

/** A recording of one member that is killed from 10 s to 25 s, with the others unchanged, for two minutes. */
function killedMember(member: string): JournalRecord[] {
  const alone = edited(partitionEtcd(), 'fault', (record) => {
    if (record.id !== 'f1') return undefined
    return { ...record, fault: 'kill', target: { machines: [member], component: 'etcd' } }
  })
  const calm = edited(alone, 'etcd', (record) =>
    record.at >= start + 40_000 ? { ...record, answered: true, leader: 'etcd2', term: 3, revision: 9 } : record,
  )
  return prolonged(calm, 120_000)
}

describe('ETCD-02 on a killed member', () => {
  const down = { from: 10_000, until: 25_000 }
  const silent = { answered: false, leader: undefined, term: undefined, revision: undefined }
  const killed = withStatus(killedMember('etcd1'), 'etcd1', down, silent)

  test('passes where the others elect a leader and it rejoins', () => {
    expect(verdictOf('ETCD-02', killed)).toMatchObject({
      status: 'pass',
      code: 'LEADER_ELECTED',
      values: { lost: 'etcd1', leader: 'etcd2', afterMs: 1_600 },
    })
  })

  test.each([
    ['silent', silent],
    ['leaderless', { leader: '' }],
    ['behind', { revision: 4 }],
  ])('fails where it stays %s until the end', (state, change) => {
    const journal = withStatus(killed, 'etcd1', { from: 25_000 }, change)
    expect(verdictOf('ETCD-02', journal)).toMatchObject({
      status: 'fail',
      code: 'MEMBER_NEVER_REJOINED',
      values: { member: 'etcd1', afterMs: expect.any(Number) as number, state },
      bound: { limit: 44_000 },
    })
  })

  test('is inconclusive where the recording ends before it had to rejoin', () => {
    const away = withStatus(killed, 'etcd1', { from: 25_000 }, silent)
    expect(verdictOf('ETCD-02', cutShort(away, 60_000))).toMatchObject({
      status: 'inconclusive',
      code: 'RECORDING_ENDS',
    })
    const unseen = edited(away, 'etcd', (one) => (one.member === 'etcd1' && one.at > start + 25_000 ? undefined : one))
    expect(verdictOf('ETCD-02', unseen)).toMatchObject({ status: 'inconclusive', code: 'NOT_OBSERVED' })
  })

  test('requires only the return of a follower', () => {
    const follower = withStatus(killedMember('etcd3'), 'etcd3', down, silent)
    expect(verdictOf('ETCD-02', follower)).toMatchObject({
      status: 'pass',
      code: 'MEMBER_REJOINED',
      values: { member: 'etcd3' },
    })
    expect(verdictOf('ETCD-02', withStatus(follower, 'etcd3', { from: 25_000 }, silent))).toMatchObject({
      status: 'fail',
      code: 'MEMBER_NEVER_REJOINED',
      values: { member: 'etcd3', state: 'silent' },
    })
  })

  test('judges the election without a ledger, and reports that', () => {
    const bare = edited(killed, 'write', () => undefined)
    expect(verdictOf('ETCD-02', bare)).toMatchObject({ status: 'pass', code: 'LEADER_ELECTED', values: { acked: 0 } })
  })

  test('is inconclusive where the recording ends before an election was due', () => {
    const permanent = edited(killed, 'fault', (record) => ({ ...record, permanent: true }))
    expect(verdictOf('ETCD-02', cutShort(permanent, 11_000))).toMatchObject({
      status: 'inconclusive',
      code: 'RECORDING_ENDS',
    })
  })
})

describe('ETCD-02 leaves out', () => {
  test('a leader that returns before the others had to elect one, and one whose successors are hit as well', () => {
    const blink = edited(killedMember('etcd1'), 'fault', (record) =>
      record.edge === 'healed' ? { ...record, at: start + 10_800 } : record,
    )
    const calm = edited(blink, 'etcd', (record) => ({ ...record, answered: true, leader: 'etcd1', term: 2 }))
    expect(verdictOf('ETCD-02', calm).code).toBe('STIMULUS_ABSENT')
    const pair = partitionEtcd((builder) =>
      builder.fault('f9', 'slow-disk', { machines: ['etcd2'], component: 'etcd' }, 10_100, 24_000),
    )
    const leaderless = edited(pair, 'etcd', (record) =>
      record.member !== 'etcd1' && record.at > start + 10_000 ? { ...record, leader: '', term: 2 } : record,
    )
    expect(verdictOf('ETCD-02', leaderless).code).toBe('STIMULUS_ABSENT')
  })
})
