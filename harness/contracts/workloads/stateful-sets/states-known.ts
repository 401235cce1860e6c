import { during } from '../../../judge/faults/fault-windows.ts'
import type { Life, Version } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { watchDelayMs } from '../../bounds.ts'
import { unableTimes } from '../../kube-controller-manager/unable-times.ts'

/**
 * The states of an object on which the controller manager may have based a change: the one at its revision, and those that were
 * replaced shortly before, or since a fault kept newer states from it. Oldest first.
 */
export function statesKnown<T>(
  recording: Recording,
  { versions }: Life<T>,
  change: Pick<Version<unknown>, 'at' | 'resourceVersion'>,
): Version<T>[] {
  const disturbed = unableTimes(recording, 'kube-controller-manager').filter((one) => during(one, change.at))
  const since = Math.min(change.at, ...disturbed.map(({ from }) => from)) - watchDelayMs
  const before = versions.filter(({ resourceVersion }) => resourceVersion < change.resourceVersion)
  return before.filter(({ deleted }, n) => !deleted && (before[n + 1]?.at ?? Infinity) > since)
}
