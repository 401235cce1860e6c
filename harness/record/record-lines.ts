import { HoldfastError } from '../common/errors.ts'
import { ChainReader, ChainWriter } from './chain.ts'
import type { LossCause, LossRecord } from './loss.ts'
import { type JournalRecord, recordSchema, schemaVersion } from './records.ts'
import { fromSchema1 } from './schema-1.ts'

/** Formats records as the text of a journal, for programs that write a whole journal. A run uses `Journal`. */
export function journalText(records: Iterable<object>): string {
  const chain = new ChainWriter()
  let text = ''
  for (const record of records) text += `${chain.link(JSON.stringify(record))}\n`
  return text
}

/** Parses a journal's text. @throws HoldfastError HF_BAD_JOURNAL, HF_NEWER_JOURNAL */
export function recordsOfText(path: string, text: string): JournalRecord[] {
  const lines = new RecordLines(path)
  const records = text
    .trimEnd()
    .split('\n')
    .flatMap((line) => lines.take(line))
  return [...records, ...lines.missingAtEnd('truncated')]
}

/** Converts a journal's lines to records and inserts a `loss` where a line does not continue the one before. */
export class RecordLines {
  readonly #path: string
  readonly #chain = new ChainReader()
  #line = 0
  #at: number | undefined
  /** Journals of schema 1 have no chain and no end. */
  #isChained = false
  #isBare = false
  #isOpen = false

  /** `path` is for messages. */
  constructor(path: string) {
    this.#path = path
  }

  /**
   * Returns the record of a complete line, preceded by a loss if there is one.
   * @throws HoldfastError HF_BAD_JOURNAL, HF_NEWER_JOURNAL
   */
  take(line: string): JournalRecord[] {
    const continues = this.#chain.continues(line)
    this.#line += 1
    const record = recordOfJson(this.#path, line, this.#line)
    if (record.kind === 'run' && record.schema > 1) this.#isOpen = this.#isChained = true
    if (record.kind === 'end') this.#isOpen = false
    const loss = this.#lossAt(record.at, continues)
    this.#at = record.at
    return loss ? [loss, record] : [record]
  }

  /** Takes a last line without a line break: returns its records, or undefined if it is incomplete. */
  takeLast(line: string): JournalRecord[] | undefined {
    return isRecord(line) ? this.take(line) : undefined
  }

  /** Returns the loss at the end of a journal that is no longer written. */
  missingAtEnd(cause: 'torn' | 'truncated'): LossRecord[] {
    return this.#isOpen ? [this.#loss(cause, this.#line + 1, this.#at ?? 0)] : []
  }

  #lossAt(at: number, continues: boolean | undefined): LossRecord | undefined {
    if (continues !== undefined) this.#isChained = true
    // One loss for consecutive lines without a chain value.
    const isNew = !this.#isBare
    this.#isBare = continues === undefined
    if (continues === false) return this.#loss('broken', this.#line, this.#at ?? at)
    return this.#isChained && this.#isBare && isNew ? this.#loss('unchained', this.#line, this.#at ?? at) : undefined
  }

  #loss(cause: LossCause, line: number, at: number): LossRecord {
    return { kind: 'loss', at, line, cause }
  }
}

function isRecord(json: string): boolean {
  return recordSchema.safeParse(fromSchema1(parsed(json))).success
}

function recordOfJson(path: string, json: string, number: number): JournalRecord {
  const value = parsed(json)
  const { success, data, error } = recordSchema.safeParse(fromSchema1(value))
  if (success) return data
  if (isNewer(value)) throw newerJournal(path, value.schema)
  throw badJournal(path, number, error.issues[0]?.message ?? 'not a record')
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
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
    `${path} has journal schema ${version}; this version of Holdfast reads up to schema ${schemaVersion}.`,
    { hint: 'Use the version of Holdfast that wrote it, or a newer one.', exitCode: 64 },
  )
}

export function badJournal(path: string, line: number, why: string): HoldfastError {
  return new HoldfastError('HF_BAD_JOURNAL', `${path}:${line} is not a journal record: ${why}.`, {
    hint: 'Give the unchanged journal.ndjson of a run.',
    exitCode: 64,
  })
}
