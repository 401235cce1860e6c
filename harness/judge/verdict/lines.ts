import type { JournalRecord } from '../../record/records.ts'
import type { Verdict } from './verdict.ts'

/** A verdict whose evidence is not yet resolved to lines of the journal. */
export type Unresolved = Omit<Verdict, 'lines'> & { readonly evidence: readonly JournalRecord[] }

/** Resolves the records that verdicts rest on to their lines in the journal, in one pass over it. */
export function linesOf(journal: readonly JournalRecord[], verdicts: readonly Unresolved[]): Verdict[] {
  const wanted = new Set(verdicts.flatMap(({ evidence }) => evidence))
  const lines = new Map<JournalRecord, number>()
  let line = 0
  for (const record of journal) {
    // A loss lies between two lines of the file.
    if (record.kind === 'loss') continue
    line += 1
    if (wanted.has(record)) lines.set(record, line)
  }
  return verdicts.map(({ evidence, ...verdict }) => {
    const own = new Set(evidence.flatMap((record) => lines.get(record) ?? []))
    return { ...verdict, lines: [...own].sort((a, b) => a - b) }
  })
}
