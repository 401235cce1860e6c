import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { HoldfastError } from '../errors.ts'
import { type JournalRecord, recordSchema } from './records.ts'

/**
 * Reads a journal back. A torn last line (the writer was killed) is tolerated; any other line that is not a record is not.
 * @throws HoldfastError HF_BAD_JOURNAL with the line's number and what is wrong with it
 */
export async function readJournal(path: string): Promise<JournalRecord[]> {
  const records: JournalRecord[] = []
  let broken: { line: number; why: string } | undefined
  let number = 0
  for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    number++
    if (broken) throw badJournal(path, broken)
    const parsed = recordSchema.safeParse(parse(line))
    if (parsed.success) records.push(parsed.data)
    else broken = { line: number, why: parsed.error.issues[0]?.message ?? 'not a record' }
  }
  if (records.length === 0) throw badJournal(path, broken ?? { line: 1, why: 'the file is empty' })
  return records
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function badJournal(path: string, { line, why }: { line: number; why: string }): HoldfastError {
  return new HoldfastError('HF_BAD_JOURNAL', `${path}:${line} is not a journal record: ${why}.`, {
    hint: 'Give the journal.ndjson of a run, as it was written.',
    exitCode: 64,
  })
}
