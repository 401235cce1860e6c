import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Kind = JournalRecord['kind']

/** Changes a sample journal in one record. */
export class SampleJournal {
  readonly records: readonly JournalRecord[]

  constructor(records: readonly JournalRecord[]) {
    this.records = records
  }

  of<K extends Kind>(kind: K): RecordOf<K>[] {
    return this.records.filter((record): record is RecordOf<K> => record.kind === kind)
  }

  /** Changes one record, or leaves it out where the change is undefined. @throws without such a record */
  withChanged<K extends Kind>(one: RecordOf<K> | undefined, change: Partial<RecordOf<K>> | undefined): JournalRecord[] {
    if (!one) throw new Error('the sample journal has no such record')
    return this.records.flatMap((record) =>
      record !== one ? [record] : change ? [{ ...one, ...change } as JournalRecord] : [],
    )
  }
}
