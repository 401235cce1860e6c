import { acknowledged } from '../../judge/acknowledged-writes.ts'
import type { AnyContract as Contract, LegacyFinding as Finding } from '../../judge/bridge.ts'
import { minorities } from '../../judge/etcd-members.ts'
import { certain, type FaultWindow, faultWindows } from '../../judge/fault-windows.ts'
import { failed, timed } from '../../judge/bridge.ts'
import type { Recording } from '../../judge/recording.ts'
import { named } from '../../judge/scene.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { election, stepDown } from '../bounds.ts'
import { lostWrites } from './leader-loss.ts'

/** ETCD-03 */
export const partition: Contract = {
  id: 'ETCD-03',
  area: 'etcd',
  promise:
    'In a partition the majority goes on, the minority confirms no write and stops leading, and no term ever has two leaders.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  scenarios: ['partition-etcd'],
  judge(recording) {
    const [{ window, members: minority }] = requireNonEmpty(
      minorities(recording, faultWindows(recording)),
      'At no time was a minority of etcd cut off.',
    )
    const fault = window.words
    const split = twoLeaders(recording)
    if (split !== undefined) return failed(split, { observed: 'two leaders in one term', fault })
    const broken = minorityWrites(recording, window, minority) ?? majorityWrites(recording, window, minority)
    if (broken) return broken
    const { lost } = acknowledged(recording)
    if (lost.length > 0) return lostWrites(lost, fault)
    return steppedDown(recording, window, minority)
  },
}

/**
 * etcd's status tells leader and term from two places: the leader as soon as it is elected, the term only once an entry of
 * it has been applied. For that long the pair proves nothing.
 */
const termSettlesMs = 1_000

/** Two members that each went on leading by their own word, in the same term. What others say of them may be old. */
function twoLeaders(recording: Recording): string | undefined {
  const leaders = new Map<number, string>()
  for (const { member, term } of settledClaims(recording)) {
    const known = leaders.get(term) ?? member
    if (known !== member) return `In term ${term} both ${known} and ${member} said for over a second to lead.`
    leaders.set(term, member)
  }
  return undefined
}

function settledClaims(recording: Recording): { member: string; term: number }[] {
  const since = new Map<string, number>()
  return recording.of('etcd').flatMap(({ at, member, leader, term }) => {
    if (leader !== member) {
      since.delete(member)
      return []
    }
    const began = since.get(member) ?? at
    since.set(member, began)
    return term !== undefined && at - began >= termSettlesMs ? [{ member, term }] : []
  })
}

function minorityWrites(recording: Recording, window: FaultWindow, minority: readonly string[]): Finding | undefined {
  const { from, until } = certain(window)
  const tried = requireNonEmpty(
    recording.of('write').filter(({ via, at }) => minority.includes(via) && from <= at && at < until),
    'Nobody wrote to the minority while it was cut off.',
  )
  const acked = tried.filter(({ outcome, endedAt }) => outcome === 'acked' && endedAt < until)
  if (acked.length === 0) return undefined
  return failed(
    `${listed(acked.map(({ key, via, endedAt }) => `${via} confirmed ${key} ${duration(endedAt - window.from)}`))} after it was cut off.`,
    { observed: `${counted(acked.length, 'write')} confirmed by the minority`, fault: window.words },
  )
}

function majorityWrites(recording: Recording, window: FaultWindow, minority: readonly string[]): Finding | undefined {
  for (const member of named(recording, 'etcd').filter((name) => !minority.includes(name))) {
    const settled = window.from + election(recording).limit
    const tried = requireNonEmpty(
      recording.of('write').filter(({ via, at }) => via === member && settled <= at && at < window.until),
      `Nobody wrote to ${member} once the majority had to have a leader.`,
    )
    if (!tried.some(({ outcome }) => outcome === 'acked')) {
      return failed(`${member} belongs to the majority and confirmed none of ${counted(tried.length, 'write')}.`, {
        observed: `no write through ${member}`,
        fault: window.words,
      })
    }
  }
  return undefined
}

function steppedDown(recording: Recording, window: FaultWindow, minority: readonly string[]): Finding {
  const told = recording
    .of('etcd')
    .filter(
      ({ at, member, answered }) => answered && minority.includes(member) && window.from <= at && at < window.until,
    )
  requireNonEmpty(told, 'The minority told no status while it was cut off.')
  const bound = stepDown(recording)
  const last = told.findLast(({ member, leader }) => leader === member)
  const ms = last ? last.at - window.from : 0
  const writes = recording
    .of('write')
    .filter(({ via, at }) => minority.includes(via) && window.from <= at && at < window.until).length
  return timed(ms, bound, {
    observed: `0 of ${writes} writes confirmed by the minority, which led for ${duration(ms)} more`,
    pass: `${listed(minority)} stopped leading in time and confirmed nothing, while each member of the majority did.`,
    late: `${listed(minority)} still said to lead ${duration(ms)} after it was cut off.`,
    fault: window.words,
    ...(last ? { moments: [{ at: last.at, label: `${last.member} last said to lead` }] } : {}),
  })
}
