import { createReadStream } from 'node:fs'
import { LineSplitter } from '../common/lines.ts'
import { badJournal, RecordLines } from './record-lines.ts'
import type { JournalRecord } from './records.ts'

/** An incomplete last line: its writer was killed, or its disk was full. */
export interface TornLine {
  readonly line: number
  readonly bytes: number
}

const defaultChunkBytes = 1 << 16

/**
 * Reads a journal as a stream of batches, in written order, with constant memory. Checks every line against its kind's schema. `torn`
 * is set after the last batch.
 *
 * Inserts a `loss` record where lines are missing or changed. Iterating throws HoldfastError HF_BAD_JOURNAL, with line number and
 * reason, for a line that is no record, except an incomplete last one.
 */
export class JournalReader implements AsyncIterable<readonly JournalRecord[]> {
  readonly #path: string
  readonly #chunkBytes: number
  #torn: TornLine | undefined

  /** `chunkBytes` is the size of one read. */
  constructor(path: string, chunkBytes = defaultChunkBytes) {
    this.#path = path
    this.#chunkBytes = chunkBytes
  }

  get torn(): TornLine | undefined {
    return this.#torn
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly JournalRecord[]> {
    const lines = new RecordLines(this.#path)
    const splitter = new LineSplitter()
    let read = 0
    const chunks: AsyncIterable<Buffer> = createReadStream(this.#path, { highWaterMark: this.#chunkBytes })
    for await (const chunk of chunks) {
      const batch = splitter.take(chunk)
      if (batch.length === 0) continue
      read += batch.length
      yield batch.flatMap((line) => lines.take(line))
    }
    const last = splitter.rest
    const whole = last.length > 0 ? lines.takeLast(last.toString()) : []
    if (!whole) this.#torn = { line: read + 1, bytes: last.length }
    yield [...(whole ?? []), ...lines.missingAtEnd(whole ? 'truncated' : 'torn')]
  }
}

/**
 * Reads a whole journal into memory.
 * @throws HoldfastError HF_BAD_JOURNAL
 */
export async function readJournal(
  path: string,
  onTorn: (torn: TornLine) => void = () => undefined,
): Promise<JournalRecord[]> {
  const reader = new JournalReader(path)
  const records: JournalRecord[] = []
  for await (const batch of reader) for (const record of batch) records.push(record)
  if (records.length === 0)
    throw badJournal(path, 1, reader.torn ? 'the file ends within its first line' : 'the file is empty')
  if (reader.torn) onTorn(reader.torn)
  return records
}
