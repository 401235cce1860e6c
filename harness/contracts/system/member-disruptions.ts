import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { election, memberSilence } from '../bounds.ts'
import { electionExcuses, silenceExcuses } from './excuses.ts'
import { isExcused, type Disruption, unexplained } from './disruption.ts'

type Status = RecordOf<'etcd'>

/** Members of etcd that did not answer or had no leader, and changes of its leader. */
export function memberDisruptions(recording: Recording): Disruption[] {
  const { from, until } = span(recording)
  const own = recording.of('etcd').filter(({ at }) => from <= at && at <= until)
  const members = [...Map.groupBy(own, ({ member }) => member)]
  return [
    ...members.flatMap(([member, statuses]) => silences(recording, member, statuses)),
    ...members.flatMap(([member, statuses]) => leaderless(recording, member, statuses)),
    ...leaderChanges(recording, own),
  ]
}

function silences(recording: Recording, machine: string, statuses: readonly Status[]): Disruption[] {
  const { limit } = memberSilence(recording)
  const excuses = silenceExcuses(recording, machine)
  return stretches(statuses, ({ answered }) => !answered).flatMap(({ from, until, records }) =>
    unexplained({ from, until }, excuses, limit).map((time) => ({
      code: 'MEMBER_SILENT',
      machine,
      component: 'etcd',
      ...time,
      delayMs: time.until - time.from - limit,
      evidence: records,
    })),
  )
}

function leaderless(recording: Recording, machine: string, statuses: readonly Status[]): Disruption[] {
  const { limit } = election(recording)
  const excuses = electionExcuses(recording)
  return stretches(statuses, ({ answered, leader }) => answered && leader === '').flatMap(({ from, until, records }) =>
    unexplained({ from, until }, excuses, limit).map((time) => ({
      code: 'MEMBER_WITHOUT_LEADER',
      machine,
      component: 'etcd',
      ...time,
      delayMs: time.until - time.from - limit,
      evidence: records,
    })),
  )
}

interface Stretch {
  readonly from: number
  readonly until: number
  readonly records: readonly Status[]
}

/** The times in which every status of a member satisfies `holds`: from the last other one to the next. */
function stretches(statuses: readonly Status[], holds: (status: Status) => boolean): Stretch[] {
  const found: { from: number; until: number; records: Status[] }[] = []
  let open: { from: number; until: number; records: Status[] } | undefined
  for (const [n, status] of statuses.entries()) {
    if (open) open.until = status.at
    if (!holds(status)) open = undefined
    else if (open) open.records.push(status)
    else {
      open = { from: statuses[n - 1]?.at ?? status.at, until: status.at, records: [status] }
      found.push(open)
    }
  }
  // The first and the last record suffice for a long stretch.
  return found.map(({ from, until, records }) => ({
    from,
    until,
    records: [...new Set([records[0], records.at(-1)])] as Status[],
  }))
}

/**
 * A member reports a new leader before its term, and an old one for a while after it was superseded: a change counts once a
 * leader is reported in a higher term than any before.
 */
function leaderChanges(recording: Recording, statuses: readonly Status[]): Disruption[] {
  const { limit } = memberSilence(recording)
  const excuses = electionExcuses(recording)
  const found: Disruption[] = []
  let last: { readonly term: number; readonly leader: string; readonly record: Status } | undefined
  for (const record of statuses) {
    const { at, answered, leader, term } = record
    if (!answered || !leader || term === undefined || term < (last?.term ?? 0)) continue
    if (last && term > last.term && !isExcused(at, excuses)) {
      const { record: before } = last
      const base = { code: 'LEADER_CHANGED', machine: leader, component: 'etcd', delayMs: limit } as const
      found.push({ ...base, from: before.at, until: at, evidence: [before, record] })
    }
    last = { term, leader, record }
  }
  return found
}
