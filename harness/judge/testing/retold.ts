import type { JournalRecord, RecordOf } from '../../record/records.ts'

type Kind = JournalRecord['kind']

/** A story, to be told again with one record otherwise. */
export class Retold {
  readonly records: readonly JournalRecord[]

  constructor(records: readonly JournalRecord[]) {
    this.records = records
  }

  of<K extends Kind>(kind: K): RecordOf<K>[] {
    return this.records.filter((record): record is RecordOf<K> => record.kind === kind)
  }

  /** With one record changed, or left out where the change is undefined. @throws where there is no such record */
  but<K extends Kind>(one: RecordOf<K> | undefined, change: Partial<RecordOf<K>> | undefined): JournalRecord[] {
    if (!one) throw new Error('the story has no such record')
    return this.records.flatMap((record) =>
      record !== one ? [record] : change ? [{ ...one, ...change } as JournalRecord] : [],
    )
  }
}
