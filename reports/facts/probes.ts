import { latencyOf, type Latency } from '../../harness/judge/statistics/latency.ts'
import { byProbe, probeGaps } from '../../harness/judge/coverage/probe-gaps.ts'
import type { RunFacts } from './run-facts.ts'

/** Results of one probe in one recording of a scenario. Durations are milliseconds. */
export interface ProbeFacts {
  readonly scenario: string
  readonly service: string
  /** Client and protocol: `worker1 tcp`. */
  readonly probe: string
  readonly attempts: number
  readonly failed: number
  readonly longestGapMs: number
  /** Limits of the longest outage's true length; `atMost` is null where its start or end was not observed. */
  readonly longestGapWithinMs: readonly [atLeast: number, atMost: number | null]
  readonly totalGapMs: number
  /** Of answered attempts; undefined without any. */
  readonly latency: Latency | undefined
}

export function probeFacts({ whole, scenarios }: RunFacts): ProbeFacts[] {
  const attempts = whole.of('attempt')
  return scenarios.flatMap(({ name, start, end }) => {
    const own = attempts.filter(({ at }) => at >= start && at <= end)
    return [...Map.groupBy(own, ({ service }) => service)].flatMap(([service, toService]) =>
      [...byProbe(toService)].map(([probe, all]) => {
        const { attempts: count, failed, longestMs, totalMs, longestAtLeastMs, longestAtMostMs } = probeGaps(all)
        const answered = all.flatMap(({ ok, at, sentAt = at, endedAt }) => (ok ? [endedAt - sentAt] : []))
        const atMost = longestAtMostMs === Infinity ? null : longestAtMostMs
        const longestGapWithinMs = [longestAtLeastMs, atMost] as const
        const gaps = { longestGapMs: longestMs, longestGapWithinMs, totalGapMs: totalMs }
        return { scenario: name, service, probe, attempts: count, failed, ...gaps, latency: latencyOf(answered) }
      }),
    )
  })
}
