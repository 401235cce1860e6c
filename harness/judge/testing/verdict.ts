import type { JournalRecord } from '../../record/records.ts'
import { judgeJournal } from '../../contracts/judge-journal.ts'
import type { Verdict } from '../verdict/verdict.ts'

/** The only verdict on a contract over a journal of one scenario. */
export function verdictOf(id: string, journal: readonly JournalRecord[]): Verdict {
  const [verdict, ...more] = judgeJournal(journal, { contracts: [id] })
  if (!verdict || more.length > 0) throw new Error(`${id} has ${more.length + 1} verdicts`)
  return verdict
}

/** Changes the matching records of a journal, or leaves them out where `change` returns undefined. */
export function edited<K extends JournalRecord['kind']>(
  journal: readonly JournalRecord[],
  kind: K,
  change: (record: Extract<JournalRecord, { kind: K }>) => JournalRecord | undefined,
): JournalRecord[] {
  return journal.flatMap((record) => {
    if (record.kind !== kind) return [record]
    return change(record as Extract<JournalRecord, { kind: K }>) ?? []
  })
}
