import { describe, expect, test } from 'vitest'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { drainNode, killScheduler } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

describe('SCHED-14', () => {
  test.each([
    ['passes for an instance that reports to lead while it holds the Lease', 'control-plane2', 34_000, 'pass'],
    ['fails for an instance that reports to lead while another one holds the Lease', 'control-plane1', 34_000, 'fail'],
    ['does not judge such reports while the Lease changes its holder', 'control-plane1', 28_500, 'pass'],
  ] as const)('%s: %s at %d ms', (_, machine, t, status) => {
    const journal = killScheduler((builder) =>
      builder.add(t, {
        kind: 'metrics',
        endedAt: start + t + 20,
        machine,
        component: 'kube-scheduler',
        fault: 'f1',
        moment: 'effect',
        values: { 'leader_election_master_status{name="kube-scheduler"}': 1 },
      }),
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status,
      ...(status === 'fail' ? { code: 'TWO_LEADERS', values: { machine, holder: 'control-plane2' } } : {}),
    })
  })

  test('fails for two schedulers without leader election', () => {
    const builder = new JournalBuilder('worked-example')
    // Other Leases exist, so their watch worked; no instance holds one for the scheduler.
    builder.object(
      5,
      'leases',
      'kube-system',
      'kube-controller-manager',
      { spec: { holderIdentity: 'control-plane1_x' } },
      'listed',
    )
    for (const [t, by, code] of [
      [1_000, 'control-plane1', 201],
      [1_002, 'control-plane2', 409],
      [1_010, 'control-plane2', 201],
    ] as const) {
      builder.binding(t, 'hello-1', 'worker1', by, code)
    }
    expect(verdictOf('SCHED-14', builder.journal(20_000))).toMatchObject({
      status: 'fail',
      code: 'NO_LEASE',
      values: { bindings: 3, issuers: ['control-plane1', 'control-plane2'] },
    })
  })

  test('fails for a binding of an instance that does not hold the Lease, even a refused one', () => {
    const journal = drainNode((builder) => builder.binding(30_000, 'web-7', 'worker2', 'control-plane2', 409))
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status: 'fail',
      code: 'BOUND_WITHOUT_LEASE',
      values: { issuer: 'control-plane2', pod: 'web-7', holder: 'control-plane1', code: 409, superseded: false },
    })
  })

  test('is inconclusive where a binding is outside of its tenure by no more than the host was late', () => {
    const bound = (at: number, latestMs: number): JournalRecord[] =>
      killScheduler((builder) =>
        builder
          .binding(at, 'web-7', 'worker2', 'control-plane2')
          .add(at + 500, { kind: 'host', everyMs: 2_000, latestMs, cores: 2 }),
      )
    expect(verdictOf('SCHED-14', bound(26_500, 2))).toMatchObject({ status: 'fail', code: 'BOUND_WITHOUT_LEASE' })
    expect(verdictOf('SCHED-14', bound(26_500, 400))).toMatchObject({
      status: 'inconclusive',
      code: 'HOST_NOISE',
      values: { finding: 'BOUND_WITHOUT_LEASE', issuer: 'control-plane2', hostLateMs: 400 },
    })
    expect(verdictOf('SCHED-14', bound(20_000, 400))).toMatchObject({ status: 'fail', code: 'BOUND_WITHOUT_LEASE' })
  })

  test('fails for an old leader that binds after its successor, however close to the change', () => {
    const journal = killScheduler((builder) =>
      builder
        .leads('control-plane2', 84_000, 88_000, 'd')
        .binding(84_100, 'web-8', 'worker1', 'control-plane2')
        .binding(84_300, 'web-9', 'worker1', 'control-plane1'),
    )
    const renewed = edited(journal, 'watch', (record) => {
      const spec = record.object['spec'] as { holderIdentity?: string } | undefined
      return record.at > start + 84_000 && spec?.holderIdentity === 'control-plane1_c' ? undefined : record
    })
    expect(verdictOf('SCHED-14', renewed)).toMatchObject({
      status: 'fail',
      code: 'BOUND_WITHOUT_LEASE',
      values: { issuer: 'control-plane1', pod: 'web-9', holder: 'control-plane2', superseded: true },
    })
  })

  test('fails for a leader that still binds after its Lease has expired', () => {
    const journal = edited(
      drainNode((builder) => builder.binding(60_000, 'web-7', 'worker3', 'control-plane1')),
      'watch',
      (record) => (record.name === 'kube-scheduler' && record.at > start + 40_000 ? undefined : record),
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status: 'fail',
      code: 'BOUND_WITHOUT_LEASE',
      values: { holder: '' },
    })
  })

  test('accepts a binding that arrives before the report of its leader', () => {
    const journal = killScheduler((builder) => builder.binding(27_600, 'web-7', 'worker1', 'control-plane2', 409))
    expect(verdictOf('SCHED-14', journal).status).toBe('pass')
  })

  test('is late where the takeover took too long', () => {
    const late = edited(killScheduler(), 'watch', (record) =>
      record.name === 'kube-scheduler' && record.at > start + 20_000 && record.at < start + 35_000 ? undefined : record,
    )
    const journal = edited(late, 'audit', (record) =>
      record.sourceAddress === '10.0.0.15' ? { ...record, at: start + 37_000, endedAt: start + 37_005 } : record,
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({
      status: 'late',
      measured: 26_000,
      margin: expect.closeTo(-0.092, 2),
    })
  })

  test('fails where no instance took over', () => {
    const journal = edited(
      edited(killScheduler(), 'watch', (record) =>
        record.name === 'kube-scheduler' && record.at > start + 20_000 && record.at < start + 60_000
          ? undefined
          : record,
      ),
      'audit',
      (record) => (record.sourceAddress === '10.0.0.15' ? undefined : record),
    )
    expect(verdictOf('SCHED-14', journal)).toMatchObject({ status: 'fail', code: 'NO_TAKEOVER' })
  })

  test('is inconclusive without bindings, with an unknown issuer, or without a watch of the Lease', () => {
    const none = edited(drainNode(), 'audit', (record) => (record.subresource === 'binding' ? undefined : record))
    expect(verdictOf('SCHED-14', none).status).toBe('inconclusive')
    const unelected = drainNode((builder) => builder.binding(30_000, 'web-7', 'worker2', '192.0.2.1'))
    expect(verdictOf('SCHED-14', unelected)).toMatchObject({
      status: 'inconclusive',
      code: 'FOREIGN_ADDRESS',
    })
    const blind = drainNode((builder) => {
      for (const source of ['control-plane1', 'control-plane2']) {
        builder.add(19_000, { kind: 'gap', source, resource: 'leases', until: start + 22_000, reason: 'cut' })
      }
    })
    expect(verdictOf('SCHED-14', blind)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_WATCHED',
    })
    const oneEyed = drainNode((builder) =>
      builder.add(19_000, {
        kind: 'gap',
        source: 'control-plane2',
        resource: 'leases',
        until: start + 22_000,
        reason: 'cut',
      }),
    )
    expect(verdictOf('SCHED-14', oneEyed).status).toBe('pass')
    const unwatched = edited(drainNode(), 'watch', (record) => (record.resource === 'leases' ? undefined : record))
    expect(verdictOf('SCHED-14', unwatched)).toMatchObject({
      status: 'inconclusive',
      code: 'NOT_WATCHED',
    })
  })
})
