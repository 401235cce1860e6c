import { leaderAt } from '../../judge/cluster/etcd-members.ts'
import { down, type FaultWindow } from '../../judge/faults/fault-windows.ts'
import { named } from '../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../judge/recording/recording.ts'

/** When faults took the etcd leader down. */
export function leaderLosses(
  recording: Recording,
  windows: readonly FaultWindow[],
): { readonly at: number; readonly leader: string }[] {
  return down(windows, 'etcd', named(recording, 'etcd')).flatMap(({ machine, window, from }) =>
    leaderAt(recording, window.intentAt) === machine ? [{ at: from, leader: machine }] : [],
  )
}
