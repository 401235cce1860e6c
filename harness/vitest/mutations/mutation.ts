import type { JournalRecord, RecordKind, RecordOf } from '../../record/records.ts'

/** Changes one fact of a real recording. */
export type JournalMutation = (records: readonly JournalRecord[]) => JournalRecord[]

/** All records of a kind, in order. */
export function all<K extends RecordKind>(records: readonly JournalRecord[], kind: K): RecordOf<K>[] {
  return records.filter((record): record is RecordOf<K> => record.kind === kind)
}

/** The last matching record of a kind. @throws without one: a control that changes nothing proves nothing */
export function last<K extends RecordKind>(
  records: readonly JournalRecord[],
  kind: K,
  fits: (record: RecordOf<K>) => boolean,
): RecordOf<K> {
  const found = all(records, kind).findLast(fits)
  if (!found) throw new Error(`the recording has no ${kind} to change`)
  return found
}

/** The same recording with one record changed; left out where `change` is undefined. */
export function withChanged<K extends RecordKind>(
  records: readonly JournalRecord[],
  one: RecordOf<K>,
  change: Partial<RecordOf<K>> | undefined,
): JournalRecord[] {
  return records.flatMap((record) => {
    if (record !== one) return [record]
    return change ? [{ ...one, ...change } as JournalRecord] : []
  })
}

/** The same recording with every matching record of a kind changed. @throws without one */
export function withAllChanged<K extends RecordKind>(
  records: readonly JournalRecord[],
  kind: K,
  fits: (record: RecordOf<K>) => boolean,
  change: (record: RecordOf<K>) => RecordOf<K>,
): JournalRecord[] {
  const chosen = new Set<JournalRecord>(all(records, kind).filter(fits))
  if (chosen.size === 0) throw new Error(`the recording has no ${kind} to change`)
  return records.map((record) => (chosen.has(record) ? (change(record as RecordOf<K>) as JournalRecord) : record))
}

/** The same recording in which changes were never made: neither a watch nor etcd reports them. @throws without one */
export function withoutChanges(
  records: readonly JournalRecord[],
  changes: readonly RecordOf<'watch'>[],
): JournalRecord[] {
  if (changes.length === 0) throw new Error('the recording has no such change')
  const revisions = new Set(changes.map(({ resourceVersion }) => Number(resourceVersion)))
  const dropped = new Set<JournalRecord>(changes)
  return records.flatMap((record): JournalRecord[] => {
    if (dropped.has(record)) return []
    if (record.kind !== 'stored') return [record]
    return [{ ...record, events: record.events.filter(({ revision }) => !revisions.has(revision)) }]
  })
}
