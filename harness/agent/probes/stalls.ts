interface Stall {
  readonly from: number
  readonly until: number
}

/** The latest times in which this process was due to run but did not, in milliseconds of the host's monotonic clock. */
export class Stalls {
  #stalls: readonly Stall[] = []
  #keptMs = 0
  #due = Infinity

  /** Keeps the stalls of the last `ms`. */
  keep(ms: number): void {
    this.#keptMs = Math.max(this.#keptMs, ms)
  }

  /** The process is due to run at `time`. */
  expect(time: number): void {
    this.#due = time
  }

  /** The process runs at `time`. */
  ran(time: number): void {
    this.#stalls = this.#known(time).filter(({ until }) => until > time - this.#keptMs)
    this.#due = Infinity
  }

  /** Returns how long the process did not run between two times, the later of which is not after `now`. */
  within(from: number, until: number, now: number): number {
    const lengths = this.#known(now).map((one) => Math.min(until, one.until) - Math.max(from, one.from))
    return lengths.reduce((sum, length) => sum + Math.max(0, length), 0)
  }

  #known(now: number): readonly Stall[] {
    return now > this.#due ? [...this.#stalls, { from: this.#due, until: now }] : this.#stalls
  }
}
