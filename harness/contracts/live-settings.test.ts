import { expect, test } from 'vitest'
import type { JournalRecord } from '../record/records.ts'
import { Recording } from '../judge/recording/recording.ts'
import { endpointsOfLostNode, nodeUnknown, proxySync, takeover } from './bounds.ts'
import { setting } from './live-settings.ts'

function config(
  component: string,
  source: 'command line' | '/configz',
  values: Record<string, string>,
  machine = 'm1',
): JournalRecord {
  return { kind: 'config', at: 1, machine, component, source, values }
}

const lease = {
  component: 'kube-scheduler',
  flag: 'leader-elect-lease-duration',
  path: 'leaderElection.leaseDuration',
  fallback: '15s',
}

test('the command line takes precedence over /configz, and /configz over the default', () => {
  const line = config('kube-scheduler', 'command line', { 'leader-elect-lease-duration': '6s' })
  const served = config('kube-scheduler', '/configz', { 'leaderElection.leaseDuration': '9s' })
  expect(setting(new Recording('x', [served, line]), lease)).toMatchObject({
    ms: 6_000,
    source: '--leader-elect-lease-duration=6s of kube-scheduler@m1',
  })
  expect(setting(new Recording('x', [served]), lease)).toMatchObject({
    ms: 9_000,
    source: 'leaderElection.leaseDuration 9s in /configz of kube-scheduler@m1',
  })
  expect(setting(new Recording('x', []), lease)).toMatchObject({
    ms: 15_000,
    source: 'leader-elect-lease-duration 15s, the documented default',
  })
})

test('the slowest of several machines counts, and the source names it', () => {
  const recording = new Recording('x', [
    config('kube-scheduler', '/configz', { 'leaderElection.leaseDuration': '9s' }),
    config('kube-scheduler', '/configz', { 'leaderElection.leaseDuration': '12s' }, 'm2'),
  ])
  expect(setting(recording, lease).source).toContain('kube-scheduler@m2')
})

test('/configz may write its keys as Go does', () => {
  const recording = new Recording('x', [
    config('kube-controller-manager', '/configz', { 'NodeLifecycleController.NodeMonitorGracePeriod': '18s' }),
  ])
  expect(nodeUnknown(recording).latest.limit).toBe(18_000 + 2 * 5_000)
})

test('bounds follow from upstream defaults', () => {
  const none = new Recording('x', [])
  expect(takeover(none, 'kube-scheduler').limit).toBeCloseTo(23_800)
  expect(nodeUnknown(none).latest.limit).toBe(60_000)
  expect(nodeUnknown(none).earliest.limit).toBe(49_000)
  expect(endpointsOfLostNode(none).limit).toBe(65_000)
  expect(proxySync(none).limit).toBe(2_000)
})

test('the grace period was shorter before 1.32', () => {
  const run = (kubernetes: string): JournalRecord => ({
    kind: 'run',
    at: 0,
    schema: 1,
    run: 'r',
    startedAt: '',
    seed: 1,
    command: '',
    versions: { kubernetes },
    host: { cores: 1, memoryBytes: 1, kernel: '' },
  })
  expect(nodeUnknown(new Recording('x', [run('v1.31.4')])).latest.limit).toBe(50_000)
  expect(nodeUnknown(new Recording('x', [run('v1.32.0')])).latest.limit).toBe(60_000)
})

test("kube-proxy's pause is read for the mode it runs in", () => {
  const values = { mode: 'nftables', 'iptables.minSyncPeriod': '1s', 'nftables.minSyncPeriod': '3s' }
  expect(proxySync(new Recording('x', [config('kube-proxy', '/configz', values)])).limit).toBe(4_000)
})
