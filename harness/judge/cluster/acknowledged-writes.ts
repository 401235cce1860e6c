import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { possibleFaults } from '../faults/fault-windows.ts'
import type { Recording } from '../recording/recording.ts'
import { named, span } from '../recording/cluster-facts.ts'
import { InconclusiveError } from '../verdict/inconclusive.ts'
import { listed } from '../verdict/format.ts'

export interface Ledger {
  /** Writes that were tried, with any outcome; 0 where the recording holds no ledger. */
  readonly tried: number
  readonly acked: number
  readonly reads: number
  /** Acknowledged writes that a later read lacks: "k17 (acknowledged by etcd2, missing from etcd1)". */
  readonly lost: readonly string[]
  /** The writes and reads that prove a loss. */
  readonly evidence: readonly JournalRecord[]
  /** Members and API servers that were not read back although they could answer. */
  readonly unread: readonly string[]
}

export function storeOf({ via }: Pick<RecordOf<'write'>, 'via'>): 'etcd' | 'apiserver' {
  return via.startsWith('apiserver@') ? 'apiserver' : 'etcd'
}

/** Compares every acknowledged write with every later read. Writes with an unknown outcome may exist or not. */
export function acknowledged(recording: Recording): Ledger {
  const writes = recording.of('write')
  const acked = writes.filter(({ outcome }) => outcome === 'acked')
  const reads = recording.of('read')
  const restored = possibleFaults(recording).filter(({ fault }) => fault === 'restore-snapshot')
  const missing = reads.flatMap((read) =>
    acked
      .filter((write) => storeOf(write) === read.store && write.endedAt <= read.at)
      // A restored snapshot lacks later writes.
      .filter((write) => !restored.some(({ intentAt, from }) => write.at < from && intentAt < read.at))
      .filter(({ key, value }) => read.values[key] !== value)
      .map((write) => ({ write, read })),
  )
  return {
    tried: writes.length,
    acked: acked.length,
    reads: reads.length,
    lost: missing.map(({ write, read }) => `${write.key} (acknowledged by ${write.via}, missing from ${read.via})`),
    evidence: missing.flatMap(({ write, read }) => [write, read]),
    unread: acked.length === 0 ? [] : readable(recording).filter((via) => !reads.some((read) => read.via === via)),
  }
}

/** Members and API servers that no fault can have stopped until the end. */
function readable(recording: Recording): string[] {
  const end = span(recording).until
  const held = new Set(possibleFaults(recording).flatMap(({ until, target }) => (until >= end ? target.machines : [])))
  return [
    ...named(recording, 'etcd').map((machine) => ({ machine, via: machine })),
    ...named(recording, 'control-plane').map((machine) => ({ machine, via: `apiserver@${machine}` })),
  ].flatMap(({ machine, via }) => (held.has(machine) ? [] : [via]))
}

/** Requires that written data was read back. @throws InconclusiveError */
export function requireReadBack({ tried, acked, unread }: Ledger): void {
  if (tried > 0 && acked === 0) throw new InconclusiveError('No write was acknowledged.', 'NOT_ACKNOWLEDGED')
  if (unread.length > 0)
    throw new InconclusiveError(`Written data was not read back from ${listed(unread)}.`, 'NOT_READ_BACK')
}
