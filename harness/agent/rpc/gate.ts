import type { Readable, Writable } from 'node:stream'

/** Above this, nothing more is read, and the sender waits as for any slow reader. */
const heldAtMostBytes = 16 * 1024 * 1024

/** A path from one stream to another that can be shut for a time: chunks that arrive meanwhile wait here, in order. */
export class Gate {
  readonly #from: Readable
  readonly #waiting: { readonly deliver: () => void; readonly bytes: number }[] = []
  #shut = false
  #bytes = 0

  constructor(from: Readable, to: Writable) {
    this.#from = from
    to.on('drain', () => this.#readOn())
  }

  get held(): number {
    return this.#waiting.length
  }

  get heldBytes(): number {
    return this.#bytes
  }

  close(): void {
    this.#shut = true
  }

  open(): void {
    this.#shut = false
    for (const { deliver } of this.#waiting.splice(0)) deliver()
    this.#bytes = 0
    this.#readOn()
  }

  pass(deliver: () => void, bytes = 0): void {
    if (!this.#shut) return deliver()
    this.#waiting.push({ deliver, bytes })
    this.#bytes += bytes
    if (this.#bytes > heldAtMostBytes) this.#from.pause()
  }

  /** Takes the result of a write: a full reader pauses the source. */
  wrote(takesMore: boolean): void {
    if (!takesMore) this.#from.pause()
  }

  #readOn(): void {
    if (!this.#shut || this.#bytes <= heldAtMostBytes) this.#from.resume()
  }
}
