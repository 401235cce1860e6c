import { existsSync, watch } from 'node:fs'
import { open } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { lives, type ProcessIdentity } from '../process-identity.ts'
import { RecordLines } from './record-lines.ts'
import type { JournalRecord } from './records.ts'

const chunkBytes = 1 << 16
const newline = 0x0a

/** How long what wrote a journal may be gone before that is noticed: a process that is not ours tells nobody that it ends. */
const lookEveryMs = 1_000

/** Why nothing more comes. `torn` is how many bytes of a line that nobody ended stand behind the last whole one. */
export interface JournalEnd {
  /** `finished`: its reports are there. `abandoned`: its process is gone, and left none. `stopped`: by whoever followed. */
  readonly how: 'finished' | 'abandoned' | 'stopped'
  readonly torn: number
}

/**
 * A journal from its first line, and on while it is written: batches of records as they come, until its run has finished,
 * its writer is gone, or `signal` is aborted. `end` is known once that is so. Iterating throws HoldfastError HF_BAD_JOURNAL.
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
    let rest = Buffer.alloc(0)
    const lines = new RecordLines(this.#path)
    while (!this.#signal.aborted) {
      // Asked before the last of it is read: what is written between the two is still read.
      const gone = this.#writer !== undefined && !lives(this.#writer)
      const finished = existsSync(join(folder, 'summary.json'))
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, null)
      if (bytesRead === 0) {
        if (finished || gone) {
          yield lines.missingAtEnd(rest.length > 0 ? 'torn' : 'truncated')
          this.#end = { how: finished ? 'finished' : 'abandoned', torn: rest.length }
          return
        }
        await changes.next(lookEveryMs)
        continue
      }
      const text = Buffer.concat([rest, buffer.subarray(0, bytesRead)])
      const end = text.lastIndexOf(newline)
      rest = text.subarray(end + 1)
      if (end === -1) continue
      const batch = text
        .toString('utf8', 0, end)
        .split('\n')
        .flatMap((line) => lines.take(line))
      for (const record of batch) if (record.kind === 'run') this.#writer = record.process
      yield batch
    }
    this.#end = { how: 'stopped', torn: 0 }
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

  /** Resolves once something has changed since the last time it did, or nothing has for so long. */
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
