import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { type Interval, possibleFaults } from '../../judge/faults/fault-windows.ts'
import { missing } from '../../judge/coverage/required-records.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { quorumRecovery } from '../bounds.ts'
import type { Outage } from './outage.ts'
import { serverRecovery } from './reconnect.ts'
import { rejoinOf } from './rejoin.ts'

/** When a member or an API server first worked again after an outage. */
export interface Recovery {
  readonly via: string
  /** Undefined where it did not recover for longer than the bound. */
  readonly at: number | undefined
  readonly afterMs: number
  readonly record: JournalRecord
}

/**
 * By the first write that each confirmed; without a ledger, by the first status with a leader. Recoveries that another
 * fault may have disturbed are left out.
 * @throws InconclusiveError where the recording ends before a recovery was due
 */
export function recoveries(recording: Recording, outage: Outage, until: number): Recovery[] {
  const writes = Map.groupBy(recording.of('write'), ({ via }) => via)
  if (writes.size === 0) return byStatus(recording, outage, until)
  const results = [...writes].map(([via, own]) => byWrites(recording, outage, { via, own, until }))
  const found = results.flatMap((result) =>
    result === undefined || result instanceof InconclusiveError ? [] : [result],
  )
  const missing = results.find((result) => result instanceof InconclusiveError)
  if (missing && found.every(({ at }) => at !== undefined)) throw missing
  return found
}

interface Way {
  readonly via: string
  readonly own: readonly RecordOf<'write'>[]
  readonly until: number
}

function byWrites(recording: Recording, outage: Outage, way: Way): Recovery | InconclusiveError | undefined {
  const { via, own } = way
  const { limit } = recoveryBound(recording, outage, via)
  const end = span(recording).until
  const until = Math.min(way.until < end ? way.until : Infinity, hinderedAt(recording, outage, via))
  const after = own.filter(({ endedAt }) => endedAt >= outage.until).toSorted((a, b) => a.endedAt - b.endedAt)
  const first = after.find(({ outcome }) => outcome === 'acked')
  if (first && (first.endedAt <= until || first.endedAt - outage.until <= limit))
    return { via, at: first.endedAt, afterMs: first.endedAt - outage.until, record: first }
  // "Confirmed no write" is only certain while the client wrote.
  const last = after.findLast(({ endedAt }) => endedAt <= until)
  const afterMs = (last?.endedAt ?? outage.until) - outage.until
  if (last && afterMs > limit) return { via, at: undefined, afterMs, record: last }
  if (until < end) return undefined
  return new InconclusiveError(`The writes through ${via} end before it had to recover.`, 'RECORDING_ENDS')
}

/** The time that a member or an API server has to recover. */
export function recoveryBound(recording: Recording, outage: Outage, via: string): Bound {
  return via.startsWith('apiserver@') ? serverRecovery(recording, outage) : quorumRecovery(recording)
}

/** When another fault may have hit the machine that was written through; Infinity without such a fault. */
function hinderedAt(recording: Recording, { until, causes }: Outage, via: string): number {
  const machine = via.replace('apiserver@', '')
  const others = possibleFaults(recording).filter(
    (window) => !causes.some(({ id }) => id === window.id) && window.until > until && hits(window.target, machine),
  )
  return Math.min(Infinity, ...others.map(({ intentAt }) => Math.max(until, intentAt)))
}

function hits({ machines, cut = [] }: RecordOf<'fault'>['target'], machine: string): boolean {
  return machines.includes(machine) || cut.some(({ from, to }) => from === machine || to === machine)
}

/**
 * Requires that a recovery was late: something was tried, or observed, after the time that it had, and did not work.
 * @throws InconclusiveError NOT_OBSERVED, HOST_NOISE
 */
export function requireLate(recording: Recording, { via, record }: Recovery, had: Interval): void {
  const tries =
    record.kind === 'write'
      ? recording.of('write').flatMap((one) => (one.via === via ? [one === record ? one.at : one.endedAt] : []))
      : recording.of('etcd').flatMap(({ member, at }) => (member === via ? [at] : []))
  const endedAt = record.kind === 'write' ? record.endedAt : record.at
  const beganInTime = record.kind === 'write' && record.at <= had.until
  if (beganInTime || tries.some((at) => had.until < at && at < endedAt)) return
  const before = Math.max(had.from, ...tries.filter((at) => at <= had.until))
  const needed = { description: `An answer of ${via}`, code: 'NOT_OBSERVED', values: { via } }
  throw missing(recording, needed, { from: before, until: endedAt })
}

function byStatus(recording: Recording, outage: Outage, until: number): Recovery[] {
  return named(recording, 'etcd').flatMap((member) => {
    const record = rejoinOf(recording, { member, since: outage.until, until, fault: outage.fault })
    return record ? [{ via: member, at: record.at, afterMs: record.at - outage.until, record }] : []
  })
}
