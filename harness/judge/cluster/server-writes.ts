import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'

type Write = RecordOf<'write' | 'operation' | 'creation'>

/** Clients' writes through one API server. */
export interface ServerWrites {
  readonly machine: string
  /** When writes were confirmed, ascending. */
  readonly confirmedAt: readonly number[]
  /** Writes that were neither confirmed nor refused because of their content, in order. */
  readonly failed: readonly Write[]
}

const prefix = 'apiserver@'
const reads: readonly string[] = ['get', 'cached-get']

/** The writes through each API server that clients wrote through. */
export function serverWrites(recording: Recording): ServerWrites[] {
  const all: readonly Write[] = [
    ...recording.of('write'),
    ...recording.of('operation').filter(({ operation }) => !reads.includes(operation)),
    ...recording.of('creation'),
  ]
  const byVia = Map.groupBy(
    all.filter(({ via }) => via.startsWith(prefix)),
    ({ via }) => via,
  )
  return [...byVia].map(([via, writes]) => ({
    machine: via.slice(prefix.length),
    confirmedAt: writes
      .filter(isAnswered)
      .map(({ endedAt }) => endedAt)
      .sort((a, b) => a - b),
    failed: writes.filter((write) => !isAnswered(write)).sort((a, b) => a.at - b.at),
  }))
}

/** A refusal that concerns the object, such as a conflict, comes from a working server. */
function isAnswered(write: Write): boolean {
  const isConfirmed = write.outcome === 'acked' || write.outcome === 'ok'
  return isConfirmed || (write.kind === 'operation' && write.refusal !== undefined)
}
