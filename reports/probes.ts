import { latencyOf, type Latency } from '../harness/judge/latency.ts'
import { byProbe, probeGaps } from '../harness/judge/probe-gaps.ts'
import type { RunFacts } from './run-facts.ts'

/** What one probe saw in one run of one scenario. Durations are milliseconds. */
export interface ProbeFacts {
  readonly scenario: string
  readonly service: string
  /** Who probed, over what, which way: `worker1 tcp`. */
  readonly probe: string
  readonly attempts: number
  readonly failed: number
  readonly longestGapMs: number
  /** What the longest outage was not shorter, and not longer, than; null where nobody saw one begin or end. */
  readonly longestGapWithinMs: readonly [atLeast: number, atMost: number | null]
  readonly totalGapMs: number
  /** Of the attempts that were answered; none if none was. */
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
