import { styleText } from 'node:util'

/** What is written to; a terminal gets a live last line, all else plain lines. */
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
 * Prints progress with the seconds since the start. On a terminal details overwrite one another, above what `watch` shows;
 * elsewhere both are left out, details unless `verbose`.
 */
export class ProgressLines implements Disposable {
  readonly #target: ProgressTarget
  readonly #verbose: boolean
  readonly #began = performance.now()
  /** What stands below the last whole line and can be taken back. */
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

  /** A whole line, as it is. */
  line(text: string): void {
    this.#target.write(`${this.#taken()}${text}\n${this.#drawn()}`)
  }

  /** Lines that stay below all else until they are replaced; each has to fit the width, and the last are left out where there is no room. */
  below(lines: readonly string[]): void {
    this.#below = lines
    this.#draw()
  }

  /** How wide a line may be. */
  get columns(): number {
    return this.#target.columns ?? 80
  }

  [Symbol.dispose](): void {
    this.#write(this.#taken())
  }

  // In one piece: what is taken back and what comes in its place are never seen apart.
  #draw(): void {
    this.#write(this.#taken() + this.#drawn())
  }

  #write(text: string): void {
    if (text !== '') this.#target.write(text)
  }

  #drawn(): string {
    if (!this.#target.isTTY) return ''
    // One character short of the width, or the terminal wraps and the line can't be taken back.
    const detail = this.#detail.slice(0, this.columns - 1)
    const all = [...(detail === '' ? [] : [detail]), ...this.#below]
    // What has left the screen at its top can't be taken back either.
    this.#live = all.slice(0, Math.max(1, (this.#target.rows ?? defaultRows) - 1))
    return this.#live.join('\n')
  }

  #taken(): string {
    if (this.#live.length === 0) return ''
    // A terminal that has become narrower since has broken lines in two.
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
