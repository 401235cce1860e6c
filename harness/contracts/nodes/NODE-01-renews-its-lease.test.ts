import { describe, expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { drainNode } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** worker1 renews its Lease at 4 s, 14 s, and so on; without those between two times. */
function silent(from: number, until: number, journal = drainNode()): JournalRecord[] {
  return edited(journal, 'watch', (record) => {
    const isOwn = record.resource === 'leases' && record.name === 'worker1'
    return isOwn && start + from < record.at && record.at < start + until ? undefined : record
  })
}

describe('NODE-01', () => {
  test('passes for kubelets that renew their Leases; a lost machine renews none', () => {
    expect(verdictOf('NODE-01', drainNode())).toMatchObject({
      status: 'pass',
      code: 'LEASES_RENEWED',
      measured: 10_000,
      bound: { limit: 17_400 },
    })
  })

  test('is late for a pause between two renewals, by the clock of the kubelet', () => {
    expect(verdictOf('NODE-01', silent(20_000, 30_000))).toMatchObject({
      status: 'late',
      code: 'LEASE_RENEWED_LATE',
      values: { node: 'worker1', pauseMs: 20_000 },
    })
  })

  test('fails for a Lease that is not renewed any more', () => {
    expect(verdictOf('NODE-01', silent(90_000, 120_000))).toMatchObject({
      status: 'fail',
      code: 'LEASE_NOT_RENEWED',
      values: { node: 'worker1', pauseMs: 36_000 },
    })
  })

  test('passes where a fault disturbed the kubelet or the API, and not where it hit another Node', () => {
    const hit = (machine: string, component: string) =>
      silent(
        20_000,
        30_000,
        drainNode((builder) => builder.fault('f9', 'pause', { machines: [machine], component }, 15_000, 25_000)),
      )
    expect(verdictOf('NODE-01', hit('worker1', 'kubelet')).status).toBe('pass')
    expect(verdictOf('NODE-01', hit('control-plane1', 'kube-apiserver')).status).toBe('pass')
    expect(verdictOf('NODE-01', hit('worker3', 'kubelet')).status).toBe('late')
  })

  test('does not judge a time in which no source watched Leases, nor a recording without them', () => {
    const blind = drainNode((builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(15_000, { kind: 'gap', source, resource: 'leases', reason: 'cut', until: start + 30_000 })
      }
    })
    expect(verdictOf('NODE-01', silent(20_000, 30_000, blind)).status).toBe('pass')
    const without = edited(drainNode(), 'watch', (record) => (record.resource === 'leases' ? undefined : record))
    expect(verdictOf('NODE-01', without)).toMatchObject({ status: 'inconclusive', code: 'STIMULUS_ABSENT' })
  })
})
