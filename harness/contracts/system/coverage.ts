import type { RecordOf } from '../../record/records.ts'
import { mayBeHost } from '../../judge/host-noise.ts'
import { InconclusiveError } from '../../judge/inconclusive.ts'
import type { Recording } from '../../judge/recording.ts'
import { recordedEnd, span } from '../../judge/scene.ts'
import { duration } from '../../judge/words.ts'
import { silenceExcuses, restartExcuses } from './excuses.ts'
import { isExcused, unexplained } from './trouble.ts'

type Reading = RecordOf<'processes'>

/** @throws InconclusiveError NOT_READ where processes could not be read, or were not read again at the end */
export function requireReadings(recording: Recording, first: readonly Reading[]): void {
  const edges = recording.of('processes').filter(({ moment }) => moment !== 'fault')
  const excused = ({ at, machine, component, within }: Reading): boolean =>
    isExcused(at, restartExcuses(recording, { machine, component: within ?? component }))
  const unread = edges.find((reading) => reading.error !== undefined && !excused(reading))
  if (unread) throw notRead(unread, `could not be read: ${unread.error}`)
  if (recordedEnd(recording)?.outcome !== 'completed') return
  const last = new Set(edges.flatMap((one) => (one.moment === 'end' ? [`${one.machine} ${one.component}`] : [])))
  const missing = first.find(({ machine, component }) => !last.has(`${machine} ${component}`))
  if (missing) throw notRead(missing, 'were not read at the end')
}

function notRead({ machine, component }: Reading, why: string): InconclusiveError {
  const values = { machine, component }
  return new InconclusiveError(`The processes of ${component} on ${machine} ${why}.`, 'NOT_READ', values)
}

/** A member is observed ten times a second: after so long without a record neither an answer nor a silence is known. */
const longestGapMs = 10_000

/** @throws InconclusiveError NOT_OBSERVED where nothing was recorded of an etcd member for long */
export function requireStatuses(recording: Recording): void {
  const { from, until } = span(recording)
  const own = recording.of('etcd').filter(({ at }) => from <= at && at <= until)
  for (const [member, told] of Map.groupBy(own, (record) => record.member)) {
    const excuses = silenceExcuses(recording, member)
    const times = told.map(({ at }, n) => ({ from: at, until: told[n + 1]?.at ?? (excuses.length > 0 ? at : until) }))
    const [gap] = times
      .flatMap((time) => unexplained(time, excuses, longestGapMs))
      .filter((time) => !mayBeHost(recording, time, time.until - time.from))
    if (!gap) continue
    const gapMs = Math.round(gap.until - gap.from)
    throw new InconclusiveError(`Nothing was recorded of etcd on ${member} for ${duration(gapMs)}.`, 'NOT_OBSERVED', {
      member,
      gapMs,
    })
  }
}
