import { describe, expect, test } from 'vitest'
import { start } from '../../judge/testing/cluster-facts.ts'
import { partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

const ttlMs = 10_000

/** A lease from 35 s on, read every 200 ms until it has expired; etcd2, which leads, is killed at 37 s unless `kept`. */
function leased(expiresAt: number, { reads = true, kept = false } = {}): JournalRecord[] {
  return partitionEtcd((builder) => {
    const about = { kind: 'leased', via: 'etcd3', lease: '7', ttlMs } as const
    builder.add(35_000, { ...about, endedAt: start + 35_100, state: 'granted' })
    if (!kept) builder.fault('f9', 'kill', { machines: ['etcd2'], component: 'etcd' }, 37_000, 38_000)
    for (let t = 36_000; reads && t <= expiresAt; t += 200) {
      builder.add(t, { ...about, endedAt: start + t + 20, state: t < expiresAt ? 'held' : 'expired' })
    }
  })
}

describe('ETCD-08', () => {
  test('passes for a lease that is held until its lifetime has passed', () => {
    expect(verdictOf('ETCD-08', leased(48_000))).toMatchObject({
      status: 'pass',
      code: 'LEASE_OUTLIVED_LEADER',
      values: { leader: 'etcd2', ttlMs, afterMs: 12_800 },
    })
  })

  test('fails for a lease that expires before its lifetime has passed', () => {
    expect(verdictOf('ETCD-08', leased(44_000))).toMatchObject({
      status: 'fail',
      code: 'LEASE_EXPIRED_EARLY',
      values: { afterMs: 9_020 },
    })
  })

  test('is inconclusive where no reading shows the lease', () => {
    expect(verdictOf('ETCD-08', leased(48_000, { reads: false }))).toMatchObject({ code: 'NOT_READ' })
  })

  test('is not exercised where no leader was lost', () => {
    expect(verdictOf('ETCD-08', leased(48_000, { kept: true })).code).toBe('STIMULUS_ABSENT')
  })
})
