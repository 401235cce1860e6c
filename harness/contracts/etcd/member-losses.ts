import type { RecordOf } from '../../record/records.ts'
import { leaderAt, minorities, quorum, undisturbedUntil } from '../../judge/cluster/etcd-members.ts'
import { down, type FaultWindow, faultWindows } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { election, electionAfterStepDown } from '../bounds.ts'
import { type Return, hadToRejoin } from './rejoin.ts'

/** Members that were lost while a majority was left. */
export interface MemberLoss {
  readonly window: FaultWindow
  readonly lost: readonly string[]
  readonly others: readonly string[]
  /** The leader, if it is among the lost members. */
  readonly leader: string | undefined
  readonly termBefore: number
  /** Whether the members were observed just before: without that it is not known which one led. */
  readonly isObserved: boolean
  /** Until another fault may have hit etcd. */
  readonly undisturbed: number
}

/** The losses that etcd has to answer by an election or by members that rejoin. */
export function memberLosses(recording: Recording): MemberLoss[] {
  return faultWindows(recording)
    .flatMap((window) => lossOf(recording, window))
    .filter((loss) => {
      if (loss.leader !== undefined) return requiresElection(recording, loss)
      return !loss.isObserved || returns(loss).some((back) => hadToRejoin(recording, back))
    })
}

function lossOf(recording: Recording, window: FaultWindow): MemberLoss[] {
  const members = named(recording, 'etcd')
  const stopped = down([window], 'etcd', members).map(({ machine }) => machine)
  const [cut] = minorities(recording, [window])
  const led = leaderAt(recording, window.intentAt)
  const lost = cut?.members ?? stopped
  const leader = lost.find((member) => member === led)
  // ETCD-03 judges a follower that is cut off.
  if (lost.length === 0 || (cut && leader === undefined)) return []
  const others = members.filter((member) => !lost.includes(member))
  if (others.length < quorum(members.length)) return []
  const terms = recording.of('etcd').flatMap(({ at, term }) => (at <= window.intentAt && term ? [term] : []))
  const undisturbed = undisturbedUntil(recording, [window], window.from)
  const isObserved = wasObserved(recording, window.intentAt)
  return [{ window, lost, others, leader, termBefore: Math.max(0, ...terms), isObserved, undisturbed }]
}

/** Members are observed ten times a second, and a busy host delays that. */
const observedWithinMs = 5_000

/** A recording without any status is of a cluster whose members were not followed. */
function wasObserved(recording: Recording, at: number): boolean {
  const all = recording.of('etcd')
  return all.length === 0 || all.some((one) => at - observedWithinMs <= one.at && one.at <= at)
}

/** The first status in which another member reports a leader of a new term. */
export function electionAfter(recording: Recording, loss: MemberLoss): RecordOf<'etcd'> | undefined {
  const { window, lost, termBefore } = loss
  return statusesOf(recording, loss).find(
    ({ at, leader, term = 0 }) => leader && term > termBefore && (at >= window.until || !lost.includes(leader)),
  )
}

/** The other members' statuses from the fault on, until another fault hit etcd. */
export function statusesOf(recording: Recording, loss: MemberLoss): RecordOf<'etcd'>[] {
  const { window, others, undisturbed } = loss
  return recording
    .of('etcd')
    .filter((one) => one.answered && others.includes(one.member) && window.intentAt <= one.at && one.at <= undisturbed)
}

/** A cut may leave the leader's outgoing path open: then it has to step down before the others elect. */
export function electionBound(recording: Recording, { window, leader, others }: MemberLoss): Bound {
  const { cut = [] } = window.target
  const isObserved = others.some((other) => !cut.some(({ from, to }) => from === leader && to === other))
  return cut.length > 0 && isObserved ? electionAfterStepDown(recording) : election(recording)
}

/**
 * A leader that returned before the others had to elect one may remain leader, and a second fault may prevent an
 * election.
 */
function requiresElection(recording: Recording, loss: MemberLoss): boolean {
  if (electionAfter(recording, loss)) return true
  const { window, undisturbed } = loss
  const { limit } = electionBound(recording, loss)
  const isBack = window.until - window.from <= limit && leadsOn(recording, loss)
  return !isBack && (undisturbed - window.from > limit || undisturbed >= span(recording).until)
}

function leadsOn(recording: Recording, loss: MemberLoss): boolean {
  return statusesOf(recording, loss).some(({ at, leader }) => at >= loss.window.until && leader)
}

/** The lost members that returned before another fault hit etcd. */
export function returns({ window, lost, undisturbed }: MemberLoss): Return[] {
  if (undisturbed <= window.until) return []
  return lost.map((member) => ({ member, since: window.until, until: undisturbed, fault: window.description }))
}
