import type { Readable } from 'node:stream'

const newline = 0x0a

/** Longer than any line of a correct sender. */
const defaultMaxBytes = 1 << 28

/** Splits a stream of UTF-8 into lines. Only a line feed ends a line: JSON may contain every other separator. */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #bytes = 0

  constructor(maxBytes = defaultMaxBytes) {
    this.#maxBytes = maxBytes
  }

  /** Returns the lines that a chunk completes, without line feeds. @throws when a line is longer than the limit */
  take(chunk: Buffer): string[] {
    const end = chunk.lastIndexOf(newline)
    if (end === -1) {
      this.#keep(chunk)
      return []
    }
    const text = Buffer.concat([...this.#parts, chunk.subarray(0, end)]).toString()
    this.#parts = []
    this.#bytes = 0
    this.#keep(chunk.subarray(end + 1))
    return text.split('\n')
  }

  /** Returns what follows the last line feed: a line that its sender has not completed. */
  get rest(): Buffer {
    return Buffer.concat(this.#parts)
  }

  #keep(chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > this.#maxBytes) throw new Error(`a line is longer than ${this.#maxBytes} bytes`)
    this.#parts.push(chunk)
  }
}

/**
 * Passes on each line of a stream as it arrives, and resolves when the stream ends. A last line without a line feed is
 * passed on at an orderly end, but not when the stream breaks or is destroyed. An error of `onLine` is not caught.
 * @throws the stream's error, or that a line is too long or that the stream broke off
 */
export function readLines(
  input: Readable,
  onLine: (line: string) => void,
  options: { readonly maxBytes?: number } = {},
): Promise<void> {
  const splitter = new LineSplitter(options.maxBytes)
  return new Promise((resolve, reject) => {
    input.on('data', (chunk: Buffer) => {
      let lines: string[]
      try {
        lines = splitter.take(chunk)
      } catch (error) {
        input.destroy(error as Error)
        return
      }
      for (const line of lines) if (!input.destroyed) onLine(line)
    })
    input.on('end', () => {
      const last = splitter.rest
      if (last.length > 0) onLine(last.toString())
      if (!input.destroyed) resolve()
    })
    input.on('error', reject)
    input.on('close', () => reject(new Error('the stream broke off')))
  })
}
