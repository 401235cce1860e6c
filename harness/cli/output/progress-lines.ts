import { styleText } from 'node:util'

/** The output stream; a terminal gets live lines, other streams plain lines. */
export interface ProgressTarget {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
  write(text: string): unknown
}

const defaultRows = 24

interface Progress {
  readonly text: string
  readonly level: 'phase' | 'detail' | 'warn'
}

/**
 * Prints progress with the seconds since the start. On a terminal details overwrite one another above the live view. Other
 * streams get no view, and details only with `verbose`.
 */
export class ProgressLines implements Disposable {
  readonly #target: ProgressTarget
  readonly #verbose: boolean
  readonly #began = performance.now()
  /** Lines below the last whole line; they can be erased. */
  #live: readonly string[] = []
  #detail = ''
  #below: readonly string[] = []

  constructor(target: ProgressTarget, options: { verbose?: boolean } = {}) {
    this.#target = target
    this.#verbose = options.verbose ?? false
  }

  print({ text, level }: Progress): void {
    const line = `${this.#seconds()}  ${level === 'detail' ? '  ' : ''}${text}`
    if (level === 'detail' && !this.#verbose) {
      this.#detail = line
      this.#draw()
      return
    }
    this.#detail = ''
    this.line(level === 'warn' ? this.#yellow(line) : line)
  }

  /** Prints a whole line without a timestamp. */
  line(text: string): void {
    this.#target.write(`${this.#taken()}${text}\n${this.#drawn()}`)
  }

  /** Sets the live view below all other lines. Each line must fit the width; the last lines are dropped when there is no room. */
  below(lines: readonly string[]): void {
    this.#below = lines
    this.#draw()
  }

  /** Width of a line in characters. */
  get columns(): number {
    return this.#target.columns ?? 80
  }

  [Symbol.dispose](): void {
    this.#write(this.#taken())
  }

  // One write, so that the terminal never shows the erased state.
  #draw(): void {
    this.#write(this.#taken() + this.#drawn())
  }

  #write(text: string): void {
    if (text !== '') this.#target.write(text)
  }

  #drawn(): string {
    if (!this.#target.isTTY) return ''
    // One character below the width: a wrapped line can't be erased.
    const detail = this.#detail.slice(0, this.columns - 1)
    const all = [...(detail === '' ? [] : [detail]), ...this.#below]
    // Lines that scroll out of the screen can't be erased either.
    this.#live = all.slice(0, Math.max(1, (this.#target.rows ?? defaultRows) - 1))
    return this.#live.join('\n')
  }

  #taken(): string {
    if (this.#live.length === 0) return ''
    // A terminal that became narrower has wrapped lines.
    const high = this.#live.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / this.columns)), 0)
    this.#live = []
    return high === 1 ? '\r\u001b[2K' : `\r\u001b[${high - 1}A\u001b[0J`
  }

  #seconds(): string {
    return `${((performance.now() - this.#began) / 1000).toFixed(1).padStart(6)} s`
  }

  #yellow(text: string): string {
    return this.#target.isTTY && !process.env['NO_COLOR'] ? styleText('yellow', text, { validateStream: false }) : text
  }
}
