import { probeOf } from '../../harness/judge/probe-gaps.ts'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../figures.ts'

const windowMs = 1_000

interface Answer {
  readonly due: number
  readonly ok: boolean
  readonly tookMs: number
}

interface Probe {
  answers: Answer[]
  failingSince: number | undefined
}

/** What each probe saw in its last second. Durations are milliseconds. */
export interface ProbeState {
  readonly name: string
  readonly attempts: number
  readonly failed: number
  /** Of the answers that came. */
  readonly slowestMs: number
}

/** Probes by who asks whom. One attempt that fails makes a probe fail until a whole second has passed without. */
export class LastSecond {
  readonly #probes = new Map<string, Probe>()

  get all(): readonly ProbeState[] {
    return [...this.#probes]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([name, { answers }]) => ({
        name,
        attempts: answers.length,
        failed: answers.filter(({ ok }) => !ok).length,
        slowestMs: answers.reduce((most, { ok, tookMs }) => (ok ? Math.max(most, tookMs) : most), 0),
      }))
  }

  forget(): void {
    this.#probes.clear()
  }

  see(attempt: RecordOf<'attempt'>): string[] {
    const { service, at, endedAt, ok, error = 'no answer' } = attempt
    const name = `${probeOf(attempt)} ${service.split('/').at(-1)}`
    const probe = this.#probes.get(name) ?? { answers: [], failingSince: undefined }
    this.#probes.set(name, probe)
    probe.answers.push({ due: at, ok, tookMs: endedAt - at })
    const newest = probe.answers.reduce((latest, { due }) => Math.max(latest, due), 0)
    probe.answers = probe.answers.filter(({ due }) => due > newest - windowMs)
    const failing = probe.answers.some((answer) => !answer.ok)
    if (failing && probe.failingSince === undefined) {
      probe.failingSince = at
      return [`${name}: fails (${error})`]
    }
    if (failing || probe.failingSince === undefined) return []
    const lasted = newest - windowMs - probe.failingSince
    probe.failingSince = undefined
    return [`${name}: answers again, after about ${duration(Math.max(0, lasted))}`]
  }
}
