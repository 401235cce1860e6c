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

/** Prints progress with the seconds since the start. On a terminal details overwrite one another; elsewhere they are left out unless `verbose`. */
export class ProgressLines implements Disposable {
  readonly #target: ProgressTarget
  readonly #verbose: boolean
  readonly #began = performance.now()
  #live = false

  constructor(target: ProgressTarget, options: { verbose?: boolean } = {}) {
    this.#target = target
    this.#verbose = options.verbose ?? false
  }

  print({ text, level }: Progress): void {
    const line = `${this.#seconds()}  ${level === 'detail' ? '  ' : ''}${text}`
    if (level === 'detail' && !this.#verbose) {
      if (this.#target.isTTY) this.#showLive(line)
      return
    }
    this.#clear()
    this.#target.write(`${level === 'warn' ? this.#yellow(line) : line}\n`)
  }

  [Symbol.dispose](): void {
    this.#clear()
  }

  #showLive(line: string): void {
    this.#clear()
    // One character short of the width, or the terminal wraps and the line can't be taken back.
    this.#target.write(line.slice(0, (this.#target.columns ?? 80) - 1))
    this.#live = true
  }

  #clear(): void {
    if (this.#live) this.#target.write('\r\u001b[2K')
    this.#live = false
  }

  #seconds(): string {
    return `${((performance.now() - this.#began) / 1000).toFixed(1).padStart(6)} s`
  }

  #yellow(text: string): string {
    return this.#target.isTTY && !process.env['NO_COLOR'] ? styleText('yellow', text, { validateStream: false }) : text
  }
}
