import { closeSync, openSync } from 'node:fs'
import { ChainWriter } from './chain.ts'
import type { JournalRecord } from './records.ts'
import { withoutSecrets } from './secrets.ts'
import { writeWhole } from './write-whole.ts'

/**
 * The append-only record of one run: a JSON object a line, handed to the kernel as it happens, so that a harness that is
 * killed loses nothing it has seen. Nothing is kept in memory; whoever has to react listens. Keys, tokens and Secrets
 * are withheld, wherever in a record they stand. Each line is chained to the one before.
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
