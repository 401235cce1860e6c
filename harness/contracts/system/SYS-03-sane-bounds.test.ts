import { describe, expect, test } from 'vitest'
import { timings } from '../../cluster/timings.ts'
import { Recording } from '../../judge/recording/recording.ts'
import { drainNode, killScheduler, partitionEtcd } from '../../judge/testing/sample-journals.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { boundSettings } from '../bound-settings.ts'
import { outOfRange } from '../ranges.ts'

type Values = Readonly<Record<string, string>>

/** The journal with other values in the records of a component, on one machine or on all. */
function withSettings(
  journal: readonly JournalRecord[],
  component: string,
  values: Values,
  machine?: string,
): JournalRecord[] {
  return edited(journal, 'config', (record) => {
    const isHit = record.component === component && (machine ?? record.machine) === record.machine
    return isHit ? { ...record, values: { ...record.values, ...values } } : record
  })
}

test('settings within their ranges pass', () => {
  expect(verdictOf('SYS-03', killScheduler())).toMatchObject({ status: 'pass', code: 'BOUNDS_SANE' })
})

test('a recording without live settings is not exercised', () => {
  const journal = edited(killScheduler(), 'config', () => undefined)
  expect(verdictOf('SYS-03', journal)).toMatchObject({ code: 'STIMULUS_ABSENT' })
})

const wrong: readonly [string, string, Values][] = [
  ['a lease duration shorter than the renew deadline', 'kube-scheduler', { 'leaderElection.leaseDuration': '9s' }],
  ['a lease duration past any default', 'kube-scheduler', { 'leaderElection.leaseDuration': '1h' }],
  ['a retry period of zero', 'kube-scheduler', { 'leaderElection.retryPeriod': '0s' }],
  ['a retry period near the renew deadline', 'kube-scheduler', { 'leaderElection.retryPeriod': '9s' }],
  ['a negative duration', 'kube-scheduler', { 'leaderElection.leaseDuration': '-15s' }],
  ['an invalid duration', 'kube-controller-manager', { 'node-monitor-period': 'soon' }],
  ['a grace period below the status interval', 'kube-controller-manager', { 'node-monitor-grace-period': '500ms' }],
  ['an endless grace period', 'kube-controller-manager', { 'node-monitor-grace-period': '1h' }],
  ['an election timeout below five heartbeats', 'etcd', { 'election-timeout': '400' }],
  ['an election timeout above 50 s', 'etcd', { 'election-timeout': '60000' }],
  ['a negative heartbeat', 'etcd', { 'heartbeat-interval': '-100' }],
  ['a pause longer than the sync period', 'kube-proxy', { 'iptables.minSyncPeriod': '40s' }],
  ['a sync period of nothing', 'kube-proxy', { 'iptables.syncPeriod': '0s' }],
]

test.each(wrong)('%s is a failure', (_, component, values) => {
  const [value] = Object.values(values)
  const verdict = verdictOf('SYS-03', withSettings(killScheduler(), component, values))
  expect(verdict).toMatchObject({ status: 'fail', code: 'BOUND_OUT_OF_RANGE' })
  expect(verdict.lines.length).toBeGreaterThan(0)
  expect(verdict.values['settings']).toContainEqual(expect.stringContaining(value ?? ''))
})

test('settings that differ between machines of a role are a failure', () => {
  const slow = { 'leaderElection.leaseDuration': '20s' }
  expect(verdictOf('SYS-03', withSettings(killScheduler(), 'kube-scheduler', slow, 'control-plane2'))).toMatchObject({
    status: 'fail',
    code: 'BOUNDS_DIFFER',
    values: { settings: [expect.stringContaining('@control-plane1'), expect.stringContaining('20s')] as string[] },
  })
  expect(verdictOf('SYS-03', withSettings(killScheduler(), 'kube-scheduler', slow))).toMatchObject({ status: 'pass' })
})

test.each([
  ['BOUND_OUT_OF_RANGE', '1h', ['control-plane1', 'control-plane2']],
  ['BOUNDS_DIFFER', '20s', ['control-plane2']],
])('%s also where a later reading is right', (code, value, machines) => {
  const journal = killScheduler().flatMap((record) => {
    if (record.kind !== 'config' || record.component !== 'kube-scheduler') return [record]
    const values = { ...record.values, 'leaderElection.leaseDuration': value }
    return [{ ...record, values: machines.includes(record.machine) ? values : record.values }, record]
  })
  expect(verdictOf('SYS-03', journal)).toMatchObject({ status: 'fail', code })
})

test('a machine that leaves a setting to its default differs from one that sets another value', () => {
  const journal = edited(killScheduler(), 'config', (record) =>
    record.component === 'etcd' && record.machine !== 'etcd1' ? { ...record, values: {} } : record,
  )
  expect(verdictOf('SYS-03', journal)).toMatchObject({ status: 'pass' })
  expect(verdictOf('SYS-03', withSettings(journal, 'etcd', { 'election-timeout': '2000' }, 'etcd1'))).toMatchObject({
    code: 'BOUNDS_DIFFER',
  })
})

describe('a bound does not follow a setting that is out of range', () => {
  test.each([
    ['SCHED-02', killScheduler(), 'kube-scheduler', { 'leaderElection.leaseDuration': '1h' }],
    ['ETCD-02', partitionEtcd(), 'etcd', { 'election-timeout': '60000' }],
    ['NODE-02', drainNode(), 'kube-controller-manager', { 'node-monitor-grace-period': '-50s' }],
  ] as const)('%s', (contract, journal, component, values) => {
    expect(verdictOf(contract, journal)).toMatchObject({ status: 'pass' })
    expect(verdictOf(contract, withSettings(journal, component, values))).toMatchObject({
      status: 'inconclusive',
      code: 'BOUND_OUT_OF_RANGE',
    })
  })
})

test.each(['stock', 'brisk'])('the timings "%s" are in range', (name) => {
  const own = timings(name)
  const elected = (component: string): JournalRecord => ({
    kind: 'config',
    at: 1,
    machine: 'm1',
    component,
    source: 'command line',
    values: {
      'leader-elect-lease-duration': `${own.leaseDuration}s`,
      'leader-elect-renew-deadline': `${own.renewDeadline}s`,
      'leader-elect-retry-period': `${own.retryPeriod}s`,
      'node-monitor-period': `${own.nodeMonitorPeriod}s`,
      'node-monitor-grace-period': `${own.nodeMonitorGracePeriod}s`,
    },
  })
  const kubelet = { nodeStatusUpdateFrequency: `${own.nodeStatusUpdateFrequency}s` }
  const recording = new Recording('x', [
    elected('kube-scheduler'),
    elected('kube-controller-manager'),
    { kind: 'config', at: 1, machine: 'm1', component: 'kubelet', source: '/configz', values: kubelet },
  ])
  expect(boundSettings(recording).flatMap((wanted) => outOfRange(recording, wanted))).toEqual([])
})
