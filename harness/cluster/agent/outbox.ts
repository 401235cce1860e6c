/** How long a record may wait for others to go with it. */
const togetherMs = 2

/**
 * Lines out of the machine. Answers go at once; records of the same moment go together, as writing costs more than what is
 * written. Nothing overtakes anything.
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
