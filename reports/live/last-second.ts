import { probeOf } from '../../harness/judge/coverage/probe-gaps.ts'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'

const windowMs = 1_000

interface Answer {
  readonly due: number
  readonly ok: boolean
  readonly tookMs: number
}

/** An outage is over when all attempts were answered for this long: with one dead backend of many, most are answered. */
const calmMs = 5_000

/** A period in which some probes of a Service failed. */
interface Outage {
  readonly since: number
  lastFailedAt: number
  readonly failing: Set<string>
}

/** Results of one probe in its last second. Durations are milliseconds. */
export interface ProbeState {
  readonly name: string
  readonly attempts: number
  readonly failed: number
  /** The slowest answer. */
  readonly slowestMs: number
}

/** Tracks the last second of each probe, and for each Service when its probes begin to fail and when all are answered again. */
export class LastSecond {
  readonly #probes = new Map<string, Answer[]>()
  readonly #outages = new Map<string, Outage>()

  get all(): readonly ProbeState[] {
    return [...this.#probes]
      .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
      .map(([name, answers]) => ({
        name,
        attempts: answers.length,
        failed: answers.filter(({ ok }) => !ok).length,
        slowestMs: answers.reduce((most, { ok, tookMs }) => (ok ? Math.max(most, tookMs) : most), 0),
      }))
  }

  forget(): void {
    this.#probes.clear()
    this.#outages.clear()
  }

  see(attempt: RecordOf<'attempt'>): string[] {
    const { at, endedAt, ok } = attempt
    const service = attempt.service.split('/').at(-1) ?? ''
    const name = `${probeOf(attempt)} ${service}`
    const answers = [...(this.#probes.get(name) ?? []), { due: at, ok, tookMs: endedAt - at }]
    const newest = answers.reduce((latest, { due }) => Math.max(latest, due), 0)
    this.#probes.set(
      name,
      answers.filter(({ due }) => due > newest - windowMs),
    )
    return ok ? this.#answered(service, at) : this.#failed(service, probeOf(attempt), attempt)
  }

  #failed(service: string, probe: string, { at, error = 'no answer' }: RecordOf<'attempt'>): string[] {
    const outage = this.#outages.get(service)
    if (outage) {
      outage.lastFailedAt = Math.max(outage.lastFailedAt, at)
      outage.failing.add(probe)
      return []
    }
    this.#outages.set(service, { since: at, lastFailedAt: at, failing: new Set([probe]) })
    return [`probes of ${service} fail (first: ${probe}: ${error})`]
  }

  #answered(service: string, at: number): string[] {
    const outage = this.#outages.get(service)
    if (!outage || at <= outage.lastFailedAt + calmMs) return []
    this.#outages.delete(service)
    const { since, lastFailedAt, failing } = outage
    const all = [...this.#probes.keys()].filter((name) => name.endsWith(` ${service}`)).length
    return [
      `all probes of ${service} are answered again; ${failing.size} of ${all} failed within ${duration(lastFailedAt - since)}`,
    ]
  }
}
