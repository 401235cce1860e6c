import { closeSync, openSync } from 'node:fs'
import { ChainWriter } from './chain.ts'
import type { JournalRecord } from './records.ts'
import { withoutSecrets } from './secrets.ts'
import { writeWhole } from './write-whole.ts'

/**
 * The append-only journal of one run: one JSON object a line, written immediately, so that a killed harness loses no record. Keeps
 * nothing in memory; use `listen` to react to records. Withholds keys, tokens and values of Secrets in any text of a record. Each line
 * is chained to the one before.
 */
export class Journal {
  readonly #file: number
  readonly #chain = new ChainWriter()
  readonly #listeners = new Set<(record: JournalRecord) => void>()
  #open = true

  constructor(path: string) {
    this.#file = openSync(path, 'a', 0o600)
  }

  /** @throws when the disk is full: a run that can't be recorded can't be judged */
  write(record: JournalRecord): void {
    if (!this.#open) return
    writeWhole(this.#file, `${this.#chain.link(withoutSecrets(JSON.stringify(record)))}\n`)
    for (const listener of this.#listeners) listener(record)
  }

  /** Calls `listener` for each record from now on, until disposed. */
  listen(listener: (record: JournalRecord) => void): Disposable {
    this.#listeners.add(listener)
    return { [Symbol.dispose]: () => void this.#listeners.delete(listener) }
  }

  close(): void {
    if (!this.#open) return
    this.#open = false
    closeSync(this.#file)
  }
}
