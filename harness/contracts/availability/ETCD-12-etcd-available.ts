import { type Try, availability } from '../../judge/availability/availability.ts'
import { defineContract } from '../../judge/contract.ts'
import { requireEtcdStatus } from '../../judge/coverage/etcd-coverage.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { requireWrites } from '../../judge/coverage/write-coverage.ts'
import { memberRejoin } from '../bounds.ts'
import { type Place, downTimes, hinderedTimes, membersOf } from '../fault-effects.ts'
import { type Used, areAvailable } from './available.ts'

export const etcdAvailable = defineContract<MemberUse>({
  id: 'ETCD-12',
  area: 'etcd',
  promise: 'Each etcd member answers, follows a leader and confirms writes while no fault is in force.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  stimulus: { needs: 'the state of etcd members or writes to them outside of every fault', find: uses },
  judge(recording, all) {
    const finding = areAvailable(recording, all)
    if (finding.status === 'pass') requireTries(recording, all)
    return finding
  },
})

/** A member whose status is not recorded for longer may have been away; each of its writes may wait for an answer for as long. */
const longestHoleMs = 2_000

/** @throws InconclusiveError NOT_OBSERVED, NOT_WRITTEN, HOST_NOISE */
function requireTries(recording: Recording, all: readonly MemberUse[]): void {
  const statuses = recording.of('etcd')
  // The members are observed a while after a scenario's beginning.
  const observed = { from: statuses[0]?.at ?? Infinity, until: statuses.at(-1)?.at ?? -Infinity }
  for (const { member, isStatus, times } of all) {
    for (const { from, until } of times) {
      const time = { from: Math.max(from, observed.from), until: Math.min(until, observed.until) }
      if (isStatus) requireEtcdStatus(recording, [member], time, longestHoleMs)
      else requireWrites(recording, [member], { from, until })
    }
  }
}

interface MemberUse extends Used {
  readonly member: string
  readonly isStatus: boolean
  /** The times that are judged. */
  readonly times: readonly Interval[]
}

function uses(recording: Recording): MemberUse[] {
  const noisy = noisyTimes(recording)
  return [...states(recording), ...writes(recording)].flatMap(({ tries, ...use }) => {
    const times = without(span(recording), faultTimes(recording, use.member))
    const shown = availability(tries, times, noisy)
    return shown.tries > 0 ? [{ ...use, shown, times }] : []
  })
}

interface Use {
  readonly what: string
  readonly member: string
  readonly isStatus: boolean
  readonly tries: readonly Try[]
}

function states(recording: Recording): Use[] {
  return [...Map.groupBy(recording.of('etcd'), ({ member }) => member)].map(([member, records]) => ({
    what: `status of ${member}`,
    member,
    isStatus: true,
    tries: records.map((record) => {
      const { at, answered, leader, error = '' } = record
      const ok = answered && leader !== ''
      return { at, endedAt: at, ok, soft: !answered && !error.includes('ECONNREFUSED'), record }
    }),
  }))
}

function writes(recording: Recording): Use[] {
  const direct = recording.of('write').filter(({ via }) => named(recording, 'etcd').includes(via))
  return [...Map.groupBy(direct, ({ via }) => via)].map(([member, records]) => ({
    what: `writes to ${member}`,
    member,
    isStatus: false,
    tries: records.map((record) => {
      const { at, endedAt, outcome } = record
      return { at, endedAt, ok: outcome === 'acked', soft: outcome === 'unknown', record }
    }),
  }))
}

/**
 * When faults may keep a member from answering, until it had the time to rejoin. The loss of another member for good is over when the
 * rest had that time.
 */
function faultTimes(recording: Recording, member: string): Interval[] {
  const { limit } = memberRejoin(recording)
  const isOwn = ({ machine }: Place): boolean => machine === member
  const all = membersOf(recording)
  return [
    ...downTimes(recording, all.filter(isOwn), limit),
    ...hinderedTimes(
      recording,
      all.filter((one) => !isOwn(one)),
      limit,
    ),
  ]
}
