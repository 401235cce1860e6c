import type { RecordOf } from '../../record/records.ts'
import type { Finding } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { duration } from '../../judge/verdict/format.ts'
import { memberRejoin } from '../bounds.ts'

type Status = RecordOf<'etcd'>

interface NeverRejoined {
  readonly member: string
  readonly afterMs: number
  /** `silent`, `leaderless`, or `behind` the others' revision. */
  readonly state: string
}

const states: Readonly<Record<string, string>> = {
  silent: 'did not answer',
  leaderless: 'had no leader',
  behind: 'lacked data that the others had',
}

const found = findings({
  MEMBER_NEVER_REJOINED: ({ member, afterMs, state }: NeverRejoined) =>
    `${member} ${states[state] ?? state} ${duration(afterMs)} after its fault had ended.`,
})

/** When a fault of a member ended, and until when no other fault hit etcd. */
export interface Return {
  readonly member: string
  readonly since: number
  readonly until: number
  readonly fault: string
}

/** The first status in which the member follows a leader and has all data that the others had when its fault ended. */
export function rejoinOf(recording: Recording, { member, since }: Return): Status | undefined {
  const held = heldBy(recording, member, since)
  return recording.of('etcd').find((one) => one.member === member && one.at >= since && stateOf(one, held) === 'joined')
}

/** Whether the member rejoined, or had the time to rejoin before another fault. */
export function hadToRejoin(recording: Recording, back: Return): boolean {
  const { since, until } = back
  return (
    until - since > memberRejoin(recording).limit ||
    until >= span(recording).until ||
    rejoinOf(recording, back) !== undefined
  )
}

/** The findings on members that did not rejoin for longer than the bound. */
export function stayedAway(recording: Recording, backs: readonly Return[]): Finding[] {
  const bound = memberRejoin(recording)
  return backs.flatMap((back) => {
    const { member, since, fault } = back
    const last = lastStatus(recording, back)
    const afterMs = (last?.at ?? since) - since
    if (!last || afterMs <= bound.limit || rejoinOf(recording, back)) return []
    const state = stateOf(last, heldBy(recording, member, since))
    const details = { observed: `${member} never rejoined`, bound, fault, evidence: [last] }
    return [found.fail('MEMBER_NEVER_REJOINED', { member, afterMs, state }, details)]
  })
}

/**
 * @throws InconclusiveError where a member did not rejoin before the recording ended, or its status was not recorded
 */
export function requireRejoined(recording: Recording, backs: readonly Return[]): void {
  const end = span(recording).until
  const open = backs.find((back) => back.until >= end && !rejoinOf(recording, back))
  if (!open) return
  const { member, since, until } = open
  if (until - since > memberRejoin(recording).limit)
    throw new InconclusiveError(`The status of ${member} was not recorded after its fault had ended.`, 'NOT_OBSERVED')
  throw new InconclusiveError(`The recording ends before ${member} had to rejoin.`, 'RECORDING_ENDS')
}

function lastStatus(recording: Recording, { member, since, until }: Return): Status | undefined {
  return recording.of('etcd').findLast((one) => one.member === member && since <= one.at && one.at <= until)
}

/** The newest revision that another member had reported by then. */
function heldBy(recording: Recording, member: string, by: number): number {
  const others = recording.of('etcd').filter((one) => one.member !== member && one.at <= by)
  return others.reduce((most, { revision = 0 }) => Math.max(most, revision), 0)
}

function stateOf({ answered, leader, revision = 0 }: Status, held: number): string {
  if (!answered) return 'silent'
  if (!leader) return 'leaderless'
  return revision < held ? 'behind' : 'joined'
}
