import type { Recording } from '../judge/recording/recording.ts'
import { proxyMode, type SettingQuery } from './live-settings.ts'

/** A setting that a bound follows, and the range in which the bound follows it. */
export interface BoundSetting extends SettingQuery {
  /** The allowed values as text. */
  readonly range: string
  /** Where the range is documented. `range` marks upper limits that Holdfast states itself. */
  readonly reference: string
  /**
   * `other` reads a setting of the same machine, or of the whole cluster where another component has it. NaN:
   * unreadable.
   */
  readonly allows: (ms: number, other: (query: SettingQuery) => number) => boolean
}

const elector = 'https://pkg.go.dev/k8s.io/client-go/tools/leaderelection#LeaderElectionConfig'
const etcdTuning = 'https://etcd.io/docs/v3.7/tuning/'
const proxyConfig = 'https://kubernetes.io/docs/reference/config-api/kube-proxy-config.v1alpha1/'
const kubeletConfig = 'https://kubernetes.io/docs/reference/config-api/kubelet-config.v1beta1/'
const controllerManager = 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/'
const apiServer = 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-apiserver/'

/** The upper limit where no document states one: a multiple of the default. */
const defaults = 10
const stated = `${defaults} x the default (stated by Holdfast, nothing documents one)`

/** The largest share by which client-go lengthens a retry period at random. */
export const electorJitter = 1.2

const election = (component: string, name: string, fallback: string): SettingQuery => ({
  component,
  flag: `leader-elect-${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`,
  path: `leaderElection.${name}`,
  fallback,
})

export const leaseDuration = (component: string): BoundSetting => ({
  ...election(component, 'leaseDuration', '15s'),
  range: `longer than the renew deadline, at most ${stated}`,
  reference: elector,
  allows: (ms, other) => ms > other(renewDeadline(component)) && ms <= defaults * 15_000,
})

export const renewDeadline = (component: string): BoundSetting => ({
  ...election(component, 'renewDeadline', '10s'),
  range: `longer than ${electorJitter} x the retry period, shorter than the lease duration`,
  reference: elector,
  allows: (ms, other) => ms > electorJitter * other(retryPeriod(component)) && ms < other(leaseDuration(component)),
})

export const retryPeriod = (component: string): BoundSetting => ({
  ...election(component, 'retryPeriod', '2s'),
  range: `longer than 0, and ${electorJitter} times it shorter than the renew deadline`,
  reference: elector,
  allows: (ms, other) => ms > 0 && electorJitter * ms < other(renewDeadline(component)),
})

export const requestTimeout: BoundSetting = {
  component: 'kube-apiserver',
  flag: 'request-timeout',
  fallback: '60s',
  range: `longer than 0, at most ${stated}`,
  reference: apiServer,
  allows: (ms) => ms > 0 && ms <= defaults * 60_000,
}

export const heartbeatInterval: BoundSetting = {
  component: 'etcd',
  flag: 'heartbeat-interval',
  bareUnit: 'ms',
  fallback: '100',
  range: 'longer than 0, at most a fifth of the election timeout',
  reference: etcdTuning,
  allows: (ms, other) => ms > 0 && 5 * ms <= other(electionTimeout),
}

export const electionTimeout: BoundSetting = {
  component: 'etcd',
  flag: 'election-timeout',
  bareUnit: 'ms',
  fallback: '1000',
  range: 'at least 5 x the heartbeat interval, at most 50 s',
  reference: etcdTuning,
  allows: (ms, other) => ms >= 5 * other(heartbeatInterval) && ms <= 50_000,
}

export const nodeMonitorPeriod: BoundSetting = {
  component: 'kube-controller-manager',
  flag: 'node-monitor-period',
  path: 'nodeMonitorPeriod',
  fallback: '5s',
  range: `longer than 0, at most ${stated}`,
  reference: controllerManager,
  allows: (ms) => ms > 0 && ms <= defaults * 5_000,
}

export const nodeStatusUpdateFrequency: SettingQuery = {
  component: 'kubelet',
  path: 'nodeStatusUpdateFrequency',
  fallback: '10s',
}

/** The kubelet renews its Lease in a quarter of this time. */
export const nodeLeaseDuration: BoundSetting = {
  component: 'kubelet',
  path: 'nodeLeaseDurationSeconds',
  bareUnit: 's',
  fallback: '40',
  range: `longer than 0, at most ${stated}`,
  reference: kubeletConfig,
  allows: (ms) => ms > 0 && ms <= defaults * 40_000,
}

/** The time after which the controller manager marks a silent Node Unknown. */
export const nodeMonitorGracePeriod = (recording: Recording): BoundSetting => ({
  component: 'kube-controller-manager',
  flag: 'node-monitor-grace-period',
  path: 'nodeMonitorGracePeriod',
  fallback: graceDefault(recording),
  range: `longer than the kubelet's nodeStatusUpdateFrequency, at most ${stated}`,
  reference: controllerManager,
  allows: (ms, other) => ms > other(nodeStatusUpdateFrequency) && ms <= defaults * 50_000,
})

/** Longer since 1.32, because a connection that was lost without notice could outlast the old grace period. */
function graceDefault(recording: Recording): string {
  const version =
    recording.of('cluster').at(-1)?.versions?.['kubernetes'] ?? recording.of('run').at(-1)?.versions['kubernetes']
  const minor = /^v?1\.(\d+)/.exec(version ?? '')?.[1]
  return minor !== undefined && Number(minor) < 32 ? '40s' : '50s'
}

export const minSyncPeriod = (recording: Recording): BoundSetting => ({
  component: 'kube-proxy',
  path: `${proxyMode(recording)}.minSyncPeriod`,
  fallback: '1s',
  range: `at least 0, not longer than syncPeriod, at most ${stated}`,
  reference: proxyConfig,
  allows: (ms, other) => ms >= 0 && ms <= other(syncPeriod(recording)) && ms <= defaults * 1_000,
})

export const syncPeriod = (recording: Recording): BoundSetting => ({
  component: 'kube-proxy',
  path: `${proxyMode(recording)}.syncPeriod`,
  fallback: '30s',
  range: `longer than 0, not shorter than minSyncPeriod, at most ${stated}`,
  reference: proxyConfig,
  allows: (ms, other) => ms > 0 && ms >= other(minSyncPeriod(recording)) && ms <= defaults * 30_000,
})

/** Every setting that a bound follows. */
export function boundSettings(recording: Recording): readonly BoundSetting[] {
  return [
    requestTimeout,
    ...['kube-scheduler', 'kube-controller-manager'].flatMap((component) =>
      [leaseDuration, renewDeadline, retryPeriod].map((of) => of(component)),
    ),
    heartbeatInterval,
    electionTimeout,
    nodeMonitorPeriod,
    nodeMonitorGracePeriod(recording),
    nodeLeaseDuration,
    minSyncPeriod(recording),
    syncPeriod(recording),
  ]
}
