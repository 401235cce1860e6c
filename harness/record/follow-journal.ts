import { existsSync, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { recordOfLine } from './read-journal.ts'
import type { JournalRecord } from './records.ts'

const chunkBytes = 1 << 16
const newline = 0x0a

/**
 * A journal from its first line, and on while it is written: batches of records as they come. Ends with the run (when its
 * reports are there and all is read) or when `signal` is aborted.
 * @throws HoldfastError HF_BAD_JOURNAL
 */
export async function* followJournal(path: string, signal: AbortSignal): AsyncGenerator<readonly JournalRecord[]> {
  const folder = dirname(path)
  using changes = new Changes(folder, signal)
  await using file = await open(path)
  const buffer = Buffer.alloc(chunkBytes)
  let rest = Buffer.alloc(0)
  let lines = 0
  while (!signal.aborted) {
    const finished = existsSync(join(folder, 'summary.json'))
    const { bytesRead } = await file.read(buffer, 0, chunkBytes, null)
    if (bytesRead === 0) {
      if (finished) return
      await changes.next()
      continue
    }
    const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
    const end = text.lastIndexOf(newline)
    rest = text.subarray(end + 1)
    if (end === -1) continue
    yield text
      .toString('utf8', 0, end)
      .split('\n')
      .map((line) => recordOfLine(path, line, ++lines))
  }
}

/** Changes of what is in a folder, from the moment it is made: none falls between a look and the wait after it. */
class Changes implements Disposable {
  readonly #stop: () => void
  #changed = false
  #wake: () => void = () => undefined

  constructor(folder: string, signal: AbortSignal) {
    const tell = (): void => {
      this.#changed = true
      this.#wake()
    }
    const watcher = watch(folder, tell)
    signal.addEventListener('abort', tell)
    this.#stop = () => {
      watcher.close()
      signal.removeEventListener('abort', tell)
    }
  }

  /** Resolves once something has changed since the last time it did. */
  async next(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      if (this.#changed) resolve()
    })
    this.#changed = false
  }

  [Symbol.dispose](): void {
    this.#stop()
  }
}
