import type { Interval } from './fault-windows.ts'
import { InconclusiveError } from './inconclusive.ts'
import type { Recording } from './recording.ts'
import { duration } from './words.ts'

/**
 * Each member's status is recorded ten times a second, also without an answer; a busy machine delays it by a second or
 * two.
 */
const longestHoleMs = 5_000

/**
 * Requires the status of every member in a time.
 * @throws InconclusiveError NOT_OBSERVED
 */
export function needEtcdStatus(recording: Recording, members: readonly string[], time: Interval): void {
  const byMember = Map.groupBy(recording.of('etcd'), ({ member }) => member)
  for (const member of members) {
    const seen = (byMember.get(member) ?? []).map(({ at }) => at).filter((at) => time.from <= at && at <= time.until)
    const edges = [time.from, ...seen, time.until]
    const hole = edges.findIndex((at, index) => at - (edges[index - 1] ?? at) > longestHoleMs)
    if (hole === -1) continue
    const holeMs = (edges[hole] ?? 0) - (edges[hole - 1] ?? 0)
    throw new InconclusiveError(
      `The status of ${member} was not recorded for ${duration(holeMs)} of the time to judge.`,
      'NOT_OBSERVED',
      { member, holeMs },
    )
  }
}
