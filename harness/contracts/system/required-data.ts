import type { RecordOf } from '../../record/records.ts'
import { missing, snapshotTimes } from '../../judge/coverage/required-records.ts'
import { during } from '../../judge/faults/fault-windows.ts'
import { mayBeHost } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, recordedEnd, span } from '../../judge/recording/cluster-facts.ts'
import { silenceExcuses, restartExcuses } from './excuses.ts'
import { isExcused, unexplained } from './disruption.ts'

type Reading = RecordOf<'processes'>

/** @throws InconclusiveError NOT_READ where processes could not be read, or were not read again at the end or beside a fault */
export function requireReadings(recording: Recording, first: readonly Reading[]): void {
  const all = recording.of('processes')
  const edges = all.filter(({ moment }) => moment !== 'fault')
  const excused = ({ machine, component, within }: Reading, at: number): boolean =>
    isExcused(at, restartExcuses(recording, { machine, component: within ?? component }))
  const unread = edges.find((reading) => reading.error !== undefined && !excused(reading, reading.at))
  if (unread) throw notRead(unread, `could not be read: ${unread.error}`)
  const readAt = Map.groupBy(all, nameOf)
  const due = snapshotTimes(recording)
  const skipped = first.find((reading) =>
    due.some(
      (time) => !readAt.get(nameOf(reading))?.some(({ at }) => during(time, at)) && !excused(reading, time.until),
    ),
  )
  if (skipped) throw notRead(skipped, 'were not read beside a fault')
  if (recordedEnd(recording)?.outcome !== 'completed') return
  const last = new Set(edges.flatMap((one) => (one.moment === 'end' ? [nameOf(one)] : [])))
  const absent = first.find((reading) => !last.has(nameOf(reading)))
  if (absent) throw notRead(absent, 'were not read at the end')
}

const nameOf = ({ machine, component }: Reading): string => `${component} on ${machine}`

function notRead({ machine, component }: Reading, why: string): InconclusiveError {
  const values = { machine, component }
  return new InconclusiveError(`The processes of ${component} on ${machine} ${why}.`, 'NOT_READ', values)
}

/** A member is observed ten times a second: after so long without a record neither an answer nor a silence is known. */
const longestGapMs = 10_000

/** @throws InconclusiveError NOT_OBSERVED where nothing was recorded of an etcd member for long */
export function requireStatuses(recording: Recording): void {
  const { from, until } = span(recording)
  for (const member of named(recording, 'etcd')) {
    const excuses = silenceExcuses(recording, member)
    const own = recording.of('etcd').filter((one) => one.member === member && from <= one.at && one.at <= until)
    // The observer of a member that a fault took away for good does not come back.
    const last = excuses.length > 0 ? [] : [until]
    const edges = [from, ...own.map(({ at }) => at), ...last]
    const [gap] = edges
      .slice(1)
      .flatMap((at, n) => unexplained({ from: edges[n] ?? from, until: at }, excuses, longestGapMs))
      .filter((time) => !mayBeHost(recording, time, time.until - time.from))
    const needed = { description: `The status of etcd on ${member}`, code: 'NOT_OBSERVED', values: { member } }
    if (gap) throw missing(recording, needed, gap)
  }
}
