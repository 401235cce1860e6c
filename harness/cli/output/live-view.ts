import type { JournalRecord } from '../../record/records.ts'
import { situationLines } from '../../../reports/live/lines.ts'
import { type News, Situation } from '../../../reports/live/situation.ts'

const drawEveryMs = 250

interface Screen {
  readonly columns: number
  below(lines: readonly string[]): void
}

/** Draws the state of the run, at most four times a second and only after new records. */
export class LiveView implements Disposable {
  readonly #screen: Screen
  readonly #situation = new Situation()
  readonly #timer: NodeJS.Timeout
  #changed = false

  constructor(screen: Screen) {
    this.#screen = screen
    this.#timer = setInterval(() => this.#draw(), drawEveryMs).unref()
  }

  see(record: JournalRecord): News[] {
    this.#changed = true
    return this.#situation.see(record)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#screen.below([])
  }

  #draw(): void {
    if (!this.#changed) return
    this.#changed = false
    this.#screen.below(situationLines(this.#situation, this.#screen.columns))
  }
}
