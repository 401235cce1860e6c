import { probeOf } from '../../harness/judge/probe-gaps.ts'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../figures.ts'

const windowMs = 1_000

interface Answer {
  readonly due: number
  readonly ok: boolean
  readonly tookMs: number
}

/** For so long every attempt has to be answered before an outage counts as over: where one backend of many is gone, some always are. */
const calmMs = 5_000

/** A time in which some probes of a Service failed. */
interface Outage {
  readonly since: number
  lastFailedAt: number
  readonly failing: Set<string>
}

/** What each probe saw in its last second. Durations are milliseconds. */
export interface ProbeState {
  readonly name: string
  readonly attempts: number
  readonly failed: number
  /** Of the answers that came. */
  readonly slowestMs: number
}

/** Probes by who asks whom; and of each Service when its probes begin to fail, and when all of them are answered again. */
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
    return [`probes of ${service} fail (${probe}: ${error})`]
  }

  #answered(service: string, at: number): string[] {
    const outage = this.#outages.get(service)
    if (!outage || at <= outage.lastFailedAt + calmMs) return []
    this.#outages.delete(service)
    const { since, lastFailedAt, failing } = outage
    const all = [...this.#probes.keys()].filter((name) => name.endsWith(` ${service}`)).length
    return [
      `probes of ${service} are all answered again; ${failing.size} of ${all} had failed, over ${duration(lastFailedAt - since)}`,
    ]
  }
}
