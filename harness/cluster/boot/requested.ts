import type { RecordOf } from '../../record/records.ts'
import type { ProxyMode } from '../distribution/distribution.ts'
import { leaderElection } from '../distribution/upstream/control-plane.ts'
import type { Timings } from '../timings.ts'

interface Request {
  readonly timings: Timings
  readonly proxyMode: ProxyMode
  readonly schedulerLeaderElection: boolean
}

/** Returns the settings that a run requests and from which contracts derive bounds, under the names that the components report. */
export function requestedSettings(request: Request): NonNullable<RecordOf<'cluster'>['requested']> {
  const { timings, proxyMode, schedulerLeaderElection } = request
  return {
    'kube-scheduler': { 'leader-elect': String(schedulerLeaderElection), ...leaderElection(timings) },
    'kube-controller-manager': {
      'leader-elect': 'true',
      ...leaderElection(timings),
      'node-monitor-period': `${timings.nodeMonitorPeriod}s`,
      'node-monitor-grace-period': `${timings.nodeMonitorGracePeriod}s`,
    },
    kubelet: {
      nodeStatusUpdateFrequency: `${timings.nodeStatusUpdateFrequency}s`,
      nodeLeaseDurationSeconds: String(timings.nodeLeaseDuration),
    },
    'kube-proxy': { mode: proxyMode },
  }
}
