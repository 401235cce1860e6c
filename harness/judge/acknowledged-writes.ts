import type { RecordOf } from '../record/records.ts'
import type { Recording } from './recording.ts'
import { named } from './scene.ts'
import { InconclusiveError, requireNonEmpty } from './inconclusive.ts'

export interface Ledger {
  readonly acked: number
  readonly reads: number
  /** Acknowledged and not there later: "k17 (acknowledged by etcd2, missing from etcd1)". */
  readonly lost: readonly string[]
}

export function storeOf({ via }: Pick<RecordOf<'write'>, 'via'>): 'etcd' | 'apiserver' {
  return via.startsWith('apiserver@') ? 'apiserver' : 'etcd'
}

/**
 * Holds every acknowledged write against every read that began later. Writes with an unknown outcome may be there or not.
 * @throws InconclusiveError when nothing was acknowledged, or a member or API server was not read
 */
export function acknowledged(recording: Recording): Ledger {
  const acked = requireNonEmpty(
    recording.of('write').filter(({ outcome }) => outcome === 'acked'),
    'No write was acknowledged.',
  )
  const reads = recording.of('read')
  const expected = [
    ...named(recording, 'etcd'),
    ...named(recording, 'control-plane').map((machine) => `apiserver@${machine}`),
  ]
  const unread = expected.filter((via) => !reads.some((read) => read.via === via))
  if (unread.length > 0) throw new InconclusiveError(`What was written was not read back from ${unread.join(', ')}.`)
  const lost = reads.flatMap((read) =>
    acked
      .filter((write) => storeOf(write) === read.store && write.endedAt <= read.at)
      .filter(({ key, value }) => read.values[key] !== value)
      .map(({ key, via }) => `${key} (acknowledged by ${via}, missing from ${read.via})`),
  )
  return { acked: acked.length, reads: reads.length, lost }
}
