import { requireRecords } from './required-records.ts'
import type { Interval } from '../faults/fault-windows.ts'
import type { Recording } from '../recording/recording.ts'

/**
 * Each member's status is recorded ten times a second, also without an answer; a busy machine delays it by a second or
 * two.
 */
const longestHoleMs = 5_000

/**
 * Requires the status of every member in a time.
 * @throws InconclusiveError NOT_OBSERVED, HOST_NOISE
 */
export function requireEtcdStatus(
  recording: Recording,
  members: readonly string[],
  time: Interval,
  longestMs = longestHoleMs,
): void {
  const byMember = Map.groupBy(recording.of('etcd'), ({ member }) => member)
  for (const member of members) {
    const times = (byMember.get(member) ?? []).map(({ at }) => at)
    const needed = { description: `The status of ${member}`, code: 'NOT_OBSERVED', values: { member } }
    requireRecords(recording, needed, times, time, longestMs)
  }
}
