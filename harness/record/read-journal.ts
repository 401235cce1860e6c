import { createReadStream } from 'node:fs'
import { HoldfastError } from '../errors.ts'
import { type JournalRecord, recordSchema, schemaVersion } from './records.ts'
import { fromSchema1 } from './schema-1.ts'

/** A last line that its writer did not finish: it was killed, or its disk was full. */
export interface TornLine {
  readonly line: number
  readonly bytes: number
}

const defaultChunkBytes = 1 << 16
const newline = 0x0a

/**
 * A journal as a stream, in batches of whole records, in the order in which they were written; what it needs of memory
 * does not grow with the journal. `torn` is known once all has been read. Every line is checked against its kind's schema.
 *
 * A last line without its end is tolerated, and told; any other line that is not a record is not.
 * Iterating throws HoldfastError HF_BAD_JOURNAL with the line's number and what is wrong with it.
 */
export class JournalReader implements AsyncIterable<readonly JournalRecord[]> {
  readonly #path: string
  readonly #chunkBytes: number
  #torn: TornLine | undefined

  /** `chunkBytes` is how much of the file is read at once. */
  constructor(path: string, chunkBytes = defaultChunkBytes) {
    this.#path = path
    this.#chunkBytes = chunkBytes
  }

  get torn(): TornLine | undefined {
    return this.#torn
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly JournalRecord[]> {
    let lines = 0
    let rest: Buffer = Buffer.alloc(0)
    let unended: Buffer[] = []
    const chunks: AsyncIterable<Buffer> = createReadStream(this.#path, { highWaterMark: this.#chunkBytes })
    for await (const chunk of chunks) {
      const end = chunk.lastIndexOf(newline)
      unended.push(chunk)
      if (end === -1) continue
      unended[unended.length - 1] = chunk.subarray(0, end)
      const text = Buffer.concat([rest, ...unended]).toString()
      const batch = text.split('\n').map((line) => recordOfLine(this.#path, line, ++lines))
      rest = chunk.subarray(end + 1)
      unended = []
      yield batch
    }
    const last = Buffer.concat([rest, ...unended])
    if (last.length > 0) {
      const record = recordSchema.safeParse(fromSchema1(parsed(last.toString())))
      if (record.success) yield [record.data]
      else this.#torn = { line: lines + 1, bytes: last.length }
    }
  }
}

/**
 * One line that has its end. `path` and `number` are for the complaint.
 * @throws HoldfastError HF_BAD_JOURNAL, HF_NEWER_JOURNAL
 */
export function recordOfLine(path: string, line: string, number: number): JournalRecord {
  const value = parsed(line)
  const { success, data, error } = recordSchema.safeParse(fromSchema1(value))
  if (success) return data
  if (isNewer(value)) throw newerJournal(path, value.schema)
  throw badJournal(path, number, error.issues[0]?.message ?? 'not a record')
}

/**
 * The whole of a journal, for those who need it at once.
 * @throws HoldfastError HF_BAD_JOURNAL
 */
export async function readJournal(
  path: string,
  onTorn: (torn: TornLine) => void = () => undefined,
): Promise<JournalRecord[]> {
  const reader = new JournalReader(path)
  const records: JournalRecord[] = []
  for await (const batch of reader) for (const record of batch) records.push(record)
  if (records.length === 0) throw badJournal(path, 1, reader.torn ? 'it ends within it' : 'the file is empty')
  if (reader.torn) onTorn(reader.torn)
  return records
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isNewer(value: unknown): value is { readonly schema: number } {
  const { kind, schema } = (value ?? {}) as { readonly kind?: unknown; readonly schema?: unknown }
  return kind === 'run' && typeof schema === 'number' && schema > schemaVersion
}

function newerJournal(path: string, version: number): HoldfastError {
  return new HoldfastError(
    'HF_NEWER_JOURNAL',
    `${path} is a journal of version ${version}; this Holdfast reads up to ${schemaVersion}.`,
    { hint: 'Read it with the Holdfast that wrote it, or a newer one.', exitCode: 64 },
  )
}

function badJournal(path: string, line: number, why: string): HoldfastError {
  return new HoldfastError('HF_BAD_JOURNAL', `${path}:${line} is not a journal record: ${why}.`, {
    hint: 'Give the journal.ndjson of a run, as it was written.',
    exitCode: 64,
  })
}
