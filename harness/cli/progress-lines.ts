import { styleText } from 'node:util'

/** What is written to; a terminal gets a live last line, all else plain lines. */
export interface ProgressTarget {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

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
    this.#clear()
    this.#target.write(`${text}\n`)
    this.#draw()
  }

  /** Lines that stay below all else until they are replaced; each has to fit the width. */
  below(lines: readonly string[]): void {
    this.#below = lines
    this.#draw()
  }

  /** How wide a line may be. */
  get columns(): number {
    return this.#target.columns ?? 80
  }

  [Symbol.dispose](): void {
    this.#clear()
  }

  #draw(): void {
    if (!this.#target.isTTY) return
    this.#clear()
    // One character short of the width, or the terminal wraps and the line can't be taken back.
    const detail = this.#detail.slice(0, this.columns - 1)
    this.#live = [...(detail === '' ? [] : [detail]), ...this.#below]
    if (this.#live.length > 0) this.#target.write(this.#live.join('\n'))
  }

  #clear(): void {
    if (this.#live.length === 0) return
    const up = this.#live.length - 1
    this.#target.write(up === 0 ? '\r\u001b[2K' : `\r\u001b[${up}A\u001b[0J`)
    this.#live = []
  }

  #seconds(): string {
    return `${((performance.now() - this.#began) / 1000).toFixed(1).padStart(6)} s`
  }

  #yellow(text: string): string {
    return this.#target.isTTY && !process.env['NO_COLOR'] ? styleText('yellow', text, { validateStream: false }) : text
  }
}
