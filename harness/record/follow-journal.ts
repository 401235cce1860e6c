import { existsSync, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { LineSplitter } from '../common/lines.ts'
import { lives, type ProcessIdentity } from '../common/process-identity.ts'
import { RecordLines } from './record-lines.ts'
import type { JournalRecord } from './records.ts'

const chunkBytes = 1 << 16

/** The end of another process gives no event: it is detected at this interval. */
const pollIntervalMs = 1_000

/** Why the journal ended. `torn` is the number of bytes of an incomplete last line. */
export interface JournalEnd {
  /** `finished`: its reports exist. `abandoned`: its process is dead and wrote no reports. `stopped`: `signal` aborted. */
  readonly how: 'finished' | 'abandoned' | 'stopped'
  readonly torn: number
}

/**
 * Reads a journal from its first line and follows it while it is written, in batches, until the run finishes, its writer dies or
 * `signal` aborts. `end` is set after that. Iterating throws HoldfastError HF_BAD_JOURNAL.
 */
export class JournalFollower implements AsyncIterable<readonly JournalRecord[]> {
  readonly #path: string
  readonly #signal: AbortSignal
  #end: JournalEnd | undefined
  #writer: ProcessIdentity | undefined

  constructor(path: string, signal: AbortSignal) {
    this.#path = path
    this.#signal = signal
  }

  get end(): JournalEnd | undefined {
    return this.#end
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly JournalRecord[]> {
    const folder = dirname(this.#path)
    using changes = new Changes(folder, this.#signal)
    await using file = await open(this.#path)
    const buffer = Buffer.alloc(chunkBytes)
    const splitter = new LineSplitter()
    const lines = new RecordLines(this.#path)
    while (!this.#signal.aborted) {
      // Checked before the read, so that lines written between the two are still read.
      const gone = this.#writer !== undefined && !lives(this.#writer)
      const finished = existsSync(join(folder, 'summary.json'))
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, null)
      if (bytesRead === 0) {
        if (finished || gone) {
          const torn = splitter.rest.length
          yield lines.missingAtEnd(torn > 0 ? 'torn' : 'truncated')
          this.#end = { how: finished ? 'finished' : 'abandoned', torn }
          return
        }
        await changes.next(pollIntervalMs)
        continue
      }
      // Copied, because the next read overwrites the buffer.
      const batch = splitter.take(Buffer.from(buffer.subarray(0, bytesRead))).flatMap((line) => lines.take(line))
      if (batch.length === 0) continue
      for (const record of batch) if (record.kind === 'run') this.#writer = record.process
      yield batch
    }
    this.#end = { how: 'stopped', torn: 0 }
  }
}

/** Watches a folder for changes from its creation on, so that none is missed between two waits. */
class Changes implements Disposable {
  readonly #stop: () => void
  #changed = false
  #wake: () => void = () => undefined

  constructor(folder: string, signal: AbortSignal) {
    const notify = (): void => {
      this.#changed = true
      this.#wake()
    }
    const watcher = watch(folder, notify)
    signal.addEventListener('abort', notify)
    this.#stop = () => {
      watcher.close()
      signal.removeEventListener('abort', notify)
    }
  }

  /** Resolves after a change since the previous call, or after `withinMs` without one. */
  async next(withinMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs)
      this.#wake = () => {
        clearTimeout(timer)
        resolve()
      }
      if (this.#changed) this.#wake()
    })
    this.#changed = false
  }

  [Symbol.dispose](): void {
    this.#stop()
  }
}
