import { type Ledger, acknowledged, requireReadBack } from '../../judge/cluster/acknowledged-writes.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { requireEtcdStatus } from '../../judge/coverage/etcd-coverage.ts'
import { minorities, undisturbedUntil } from '../../judge/cluster/etcd-members.ts'
import { type FaultWindow, type Interval, certain, faultWindows } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { requireWrites } from '../../judge/coverage/write-coverage.ts'
import { election, stepDown } from '../bounds.ts'
import { lostWrites } from './lost-writes.ts'
import { requireRejoined, stayedAway } from './rejoin.ts'
import { twoLeaders } from './two-leaders.ts'

interface SteppedDown {
  readonly minority: readonly string[]
  readonly afterMs: number
  /** Writes to the minority; 0 where the recording holds no ledger. */
  readonly tried: number
}

const found = findings({
  MINORITY_CONFIRMED: ({ writes }: { readonly writes: readonly string[] }) =>
    `${listed(writes)} after the partition began.`,
  MAJORITY_SILENT: ({ member, tried }: { readonly member: string; readonly tried: number }) =>
    `${member} belongs to the majority and confirmed none of ${counted(tried, 'write')}.`,
  NEVER_STEPPED_DOWN: ({ minority, afterMs }: SteppedDown) =>
    `${listed(minority)} still reported to be the leader ${duration(afterMs)} after the partition began.`,
  STEPPED_DOWN: ({ minority, afterMs, tried }: SteppedDown) =>
    `${listed(minority)} stepped down within ${duration(afterMs)}; ${tried === 0 ? 'no writes were recorded' : `it confirmed none of ${counted(tried, 'write')}, and each member of the majority confirmed some`}.`,
  STEP_DOWN_LATE: ({ minority, afterMs }: SteppedDown) =>
    `${listed(minority)} reported to be the leader until ${duration(afterMs)} after the partition began.`,
})

/** A minority of members that was cut off for longer than an election takes. */
interface Partition {
  readonly window: FaultWindow
  readonly members: readonly string[]
  /** Until another fault may have hit etcd. */
  readonly undisturbed: number
}

export const partition = defineContract<Partition>({
  id: 'ETCD-03',
  area: 'etcd',
  promise:
    'In a partition the majority continues; the minority confirms no write and steps down, and no term has two leaders. When the partition heals, the minority rejoins.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  stimulus: { needs: 'a minority of etcd members that is cut off', find: partitions },
  judge(recording, cuts) {
    const split = twoLeaders(recording)
    if (split) return split
    const ledger = acknowledged(recording)
    if (ledger.lost.length > 0) return lostWrites(ledger)
    const finding = gravest(cuts, (one) => onPartition(recording, one, ledger))
    if (finding.status === 'pass') {
      requireReadBack(ledger)
      for (const one of cuts) {
        requireEtcdStatus(recording, named(recording, 'etcd'), timeOf(recording, one))
        requireWrites(recording, one.members, certain(one.window))
      }
    }
    return finding
  },
})

function partitions(recording: Recording): Partition[] {
  const { limit } = election(recording)
  return minorities(recording, faultWindows(recording)).flatMap(({ window, members }) => {
    const undisturbed = undisturbedUntil(recording, [window], window.from)
    const judged = Math.min(undisturbed, window.until)
    const isLong = judged - window.from > limit || judged >= span(recording).until
    return isLong ? [{ window, members, undisturbed }] : []
  })
}

/** The part of a cut in which every member has to report. */
function timeOf(recording: Recording, { window, undisturbed }: Partition): Interval {
  return { from: window.from, until: Math.min(window.until, undisturbed, span(recording).until) }
}

function onPartition(recording: Recording, one: Partition, ledger: Ledger): Finding {
  const { window, members, undisturbed } = one
  const back = { since: window.until, until: undisturbed, fault: window.description }
  const backs = undisturbed <= window.until ? [] : members.map((member) => ({ member, ...back }))
  const broken = firstBreach(
    ...(ledger.tried > 0 ? writeChecks(recording, one) : []),
    () => onlyFail(steppedDown(recording, one)),
    () => stayedAway(recording, backs)[0],
  )
  if (broken) return broken
  const step = steppedDown(recording, one)
  if (step.status === 'pass') requireRejoined(recording, backs)
  return step
}

const onlyFail = (finding: Finding): Finding | undefined => (finding.status === 'fail' ? finding : undefined)

/** Of the minority, and of each member of the majority. */
function writeChecks(recording: Recording, one: Partition): (() => Finding | undefined)[] {
  const others = named(recording, 'etcd').filter((name) => !one.members.includes(name))
  return [() => minorityWrites(recording, one), ...others.map((member) => () => silentMember(recording, one, member))]
}

function minorityWrites(recording: Recording, { window, members }: Partition): Finding | undefined {
  const { from, until } = certain(window)
  const tried = requireNonEmpty(
    recording.of('write').filter(({ via, at }) => members.includes(via) && from <= at && at < until),
    `No write to ${listed(members)} was recorded while it was cut off.`,
    'NOT_WRITTEN',
  )
  const acked = tried.filter(({ outcome, endedAt }) => outcome === 'acked' && endedAt < until)
  if (acked.length === 0) return undefined
  const writes = acked.map(({ key, via, endedAt }) => `${via} confirmed ${key} ${duration(endedAt - window.from)}`)
  return found.fail(
    'MINORITY_CONFIRMED',
    { writes },
    {
      observed: `${counted(acked.length, 'write')} confirmed by the minority`,
      fault: window.description,
      evidence: acked,
    },
  )
}

function silentMember(recording: Recording, { window, undisturbed }: Partition, member: string): Finding | undefined {
  const settled = window.from + election(recording).limit
  const until = Math.min(window.until, undisturbed)
  const tried = requireNonEmpty(
    recording.of('write').filter(({ via, at }) => via === member && settled <= at && at < until),
    `No write to ${member} was recorded after the majority had to have a leader.`,
    'NOT_WRITTEN',
  )
  if (tried.some(({ outcome }) => outcome === 'acked')) return undefined
  return found.fail(
    'MAJORITY_SILENT',
    { member, tried: tried.length },
    { observed: `no write through ${member}`, fault: window.description, evidence: tried },
  )
}

function steppedDown(recording: Recording, { window, members }: Partition): Finding {
  const reported = requireNonEmpty(
    recording
      .of('etcd')
      .filter(
        ({ at, member, answered }) => answered && members.includes(member) && window.from <= at && at < window.until,
      ),
    `${listed(members)} reported no status while it was cut off.`,
    'NOT_OBSERVED',
  )
  const bound = stepDown(recording)
  const last = reported.findLast(({ member, leader }) => leader === member)
  const afterMs = last ? last.at - window.from : 0
  const tried = recording
    .of('write')
    .filter(({ via, at }) => members.includes(via) && window.from <= at && at < window.until).length
  const values = { minority: members, afterMs, tried }
  const details = {
    observed: `the minority led for ${duration(afterMs)} more`,
    fault: window.description,
    ...(last
      ? { moments: [{ at: last.at, label: `${last.member} last reported to be the leader` }], evidence: [last] }
      : {}),
  }
  const led = reported.findLast(({ member }) => member === last?.member)
  if (last && led === last && afterMs > bound.limit)
    return found.fail('NEVER_STEPPED_DOWN', values, { ...details, bound })
  return found.timed({ pass: 'STEPPED_DOWN', late: 'STEP_DOWN_LATE' }, values, afterMs, bound, details)
}
