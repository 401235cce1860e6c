/** How long a record may wait for others to be written with it. */
const togetherMs = 2

/**
 * Lines from the machine to the harness. Answers are written at once; records of the same moment are written together,
 * because a write costs more than its bytes. The order stays.
 */
export class Outbox {
  readonly #write: (text: string) => void
  #waiting = ''
  #timer: NodeJS.Timeout | undefined

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  now(message: object): void {
    this.#waiting += `${JSON.stringify(message)}\n`
    this.#flush()
  }

  soon(message: object): void {
    this.#waiting += `${JSON.stringify(message)}\n`
    this.#timer ??= setTimeout(() => this.#flush(), togetherMs)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const text = this.#waiting
    this.#waiting = ''
    this.#write(text)
  }
}
