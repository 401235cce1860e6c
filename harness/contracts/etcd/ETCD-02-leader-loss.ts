import { type Ledger, acknowledged, requireReadBack } from '../../judge/cluster/acknowledged-writes.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { missing } from '../../judge/coverage/required-records.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError, requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { lostWrites } from './lost-writes.ts'
import { type MemberLoss, electionAfter, electionBound, memberLosses, returns, statusesOf } from './member-losses.ts'
import { rejoinOf, requireRejoined, stayedAway } from './rejoin.ts'

interface Election {
  readonly lost: string
  readonly leader: string
  readonly afterMs: number
  /** Acknowledged writes that were read back; 0 where the recording holds no ledger. */
  readonly acked: number
  readonly reads: number
}

const found = findings({
  NO_NEW_LEADER: ({ lost, afterMs }: { readonly lost: string; readonly afterMs: number }) =>
    `The other members had no leader ${duration(afterMs)} after ${lost} was lost.`,
  LEADER_ELECTED: ({ lost, leader, afterMs, acked, reads }: Election) =>
    `${leader} led ${duration(afterMs)} after ${lost} was lost; ${acked === 0 ? 'no writes were recorded' : `${counted(acked, 'acknowledged write')} are in all ${counted(reads, 'read')}`}.`,
  ELECTION_LATE: ({ lost, leader, afterMs }: Election) =>
    `${leader} was elected ${duration(afterMs)} after ${lost} was lost.`,
  MEMBER_REJOINED: ({ member, afterMs }: { readonly member: string; readonly afterMs: number }) =>
    `The other members kept their leader without ${member}, which rejoined ${duration(afterMs)} after its fault had ended.`,
})

export const leaderLoss = defineContract<MemberLoss>({
  id: 'ETCD-02',
  area: 'etcd',
  promise:
    'When etcd loses its leader, the other members elect a new one in about an election timeout. No acknowledged write is lost, and the lost member rejoins.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  stimulus: { needs: 'a lost etcd leader, or a member that comes back, with a majority left', find: memberLosses },
  judge(recording, losses) {
    const ledger = acknowledged(recording)
    if (ledger.lost.length > 0) return lostWrites(ledger)
    const finding = gravest(losses, (loss) => onLoss(recording, loss, ledger))
    if (finding.status === 'pass') requireReadBack(ledger)
    return finding
  },
})

function onLoss(recording: Recording, loss: MemberLoss, ledger: Ledger): Finding {
  const electedIn = (): Finding | undefined =>
    loss.leader === undefined ? undefined : electionFinding(recording, loss, loss.leader, ledger)
  const broken = firstBreach(
    () => onlyFail(electedIn()),
    () => stayedAway(recording, returns(loss))[0],
  )
  if (broken) return broken
  const elected = electedIn()
  if (!loss.isObserved)
    throw new InconclusiveError(
      'The members were not observed before the fault: their leader is unknown.',
      'NOT_OBSERVED',
    )
  if (elected?.status === 'late') return elected
  requireRejoined(recording, returns(loss))
  return elected ?? rejoinFinding(recording, loss)
}

const onlyFail = (finding: Finding | undefined): Finding | undefined =>
  finding?.status === 'fail' ? finding : undefined

function electionFinding(recording: Recording, loss: MemberLoss, lost: string, { acked, reads }: Ledger): Finding {
  const { window } = loss
  const fault = window.description
  const bound = electionBound(recording, loss)
  const reported = requireNonEmpty(
    statusesOf(recording, loss),
    `No other member reported its status while ${lost} was lost.`,
    'NOT_OBSERVED',
  )
  const elected = electionAfter(recording, loss)
  if (!elected) {
    const last = reported.at(-1) ?? reported[0]
    const afterMs = last.at - window.from
    if (afterMs <= bound.limit)
      throw new InconclusiveError('The recording ends before a new leader had to be elected.', 'RECORDING_ENDS')
    return found.fail('NO_NEW_LEADER', { lost, afterMs }, { observed: 'no new leader', bound, fault, evidence: [last] })
  }
  // The effect of a fault begins before its proof, so a quick election may precede the proof.
  const afterMs = Math.max(0, elected.at - window.from)
  if (afterMs > bound.limit) requireLate(recording, reported, { from: window.from + bound.limit, until: elected.at })
  const leader = elected.leader ?? ''
  return found.timed(
    { pass: 'LEADER_ELECTED', late: 'ELECTION_LATE' },
    { lost, leader, afterMs, acked, reads },
    afterMs,
    bound,
    {
      observed: `${leader} led ${duration(afterMs)} after ${lost} was lost`,
      fault,
      moments: [{ at: elected.at, label: `${leader} leads etcd` }],
      evidence: [elected],
    },
  )
}

/** Requires that a status from after the bound has no new leader yet. @throws InconclusiveError NOT_OBSERVED, HOST_NOISE */
function requireLate(recording: Recording, etcdRecords: readonly RecordOf<'etcd'>[], late: Interval): void {
  if (etcdRecords.some(({ at }) => late.from < at && at < late.until)) return
  const before = etcdRecords.findLast(({ at }) => at <= late.from)?.at ?? late.from
  const needed = { description: 'The status of the other members', code: 'NOT_OBSERVED', values: {} }
  throw missing(recording, needed, { from: before, until: late.until })
}

function rejoinFinding(recording: Recording, loss: MemberLoss): Finding {
  const joined = requireNonEmpty(
    returns(loss).flatMap((back) => {
      const status = rejoinOf(recording, back)
      return status ? [{ status, member: back.member, afterMs: status.at - back.since }] : []
    }),
    `Another fault came before ${loss.lost.join(', ')} had to rejoin.`,
    'OTHER_FAULT',
  )
  const slowest = joined.reduce((most, one) => (one.afterMs > most.afterMs ? one : most))
  const { member, afterMs, status } = slowest
  return found.pass(
    'MEMBER_REJOINED',
    { member, afterMs },
    { observed: `${member} rejoined after ${duration(afterMs)}`, fault: loss.window.description, evidence: [status] },
  )
}
