import type { RecordOf } from '../../record/records.ts'

/**
 * A time in which a probe got no answer. It began between the last answered and the first unanswered attempt, and ended
 * between the last unanswered and the next answered one. `from` and `until` are halfway, which has the smallest
 * worst-case error: half a step between two attempts for each edge, and the mean of both steps for the length.
 * Milliseconds.
 *
 * Attempts count from when they were begun: a busy prober begins them late. The first packet follows within some
 * hundredths of a millisecond, on a busy host within one: the bounds are that exact.
 */
export interface ProbeGap {
  readonly from: number
  readonly until: number
  readonly failed: number
  /** The smallest possible length: compare it with a bound to show that the gap was too long. */
  readonly atLeastMs: number
  /**
   * The largest possible length: compare it to show that the gap was short enough. Infinity where its begin or end was
   * not observed.
   */
  readonly atMostMs: number
}

export interface ProbeGaps {
  readonly attempts: number
  readonly failed: number
  readonly gaps: readonly ProbeGap[]
  readonly longestMs: number
  /** The smallest and largest possible length of the longest outage: over all gaps, not only of the longest. */
  readonly longestAtLeastMs: number
  readonly longestAtMostMs: number
  readonly totalMs: number
}

/**
 * The gaps of one probe (one place, one Service, one protocol). A gap that is still open at the last attempt ends at
 * the timeout of that attempt.
 */
export function probeGaps(attempts: readonly RecordOf<'attempt'>[]): ProbeGaps {
  const gaps: ProbeGap[] = []
  let failures: RecordOf<'attempt'>[] = []
  let before: RecordOf<'attempt'> | undefined
  const over = (after?: RecordOf<'attempt'>): void => {
    if (failures.length > 0) gaps.push(gapOf(failures, before, after))
    failures = []
  }
  for (const attempt of attempts.toSorted((a, b) => begun(a) - begun(b))) {
    if (!attempt.ok) {
      failures.push(attempt)
      continue
    }
    over(attempt)
    before = attempt
  }
  over()
  const lengths = gaps.map(({ from, until }) => until - from)
  return {
    attempts: attempts.length,
    failed: gaps.reduce((sum, { failed }) => sum + failed, 0),
    gaps,
    longestMs: Math.max(0, ...lengths),
    longestAtLeastMs: Math.max(0, ...gaps.map(({ atLeastMs }) => atLeastMs)),
    longestAtMostMs: Math.max(0, ...gaps.map(({ atMostMs }) => atMostMs)),
    totalMs: lengths.reduce((sum, length) => sum + length, 0),
  }
}

function gapOf(
  failures: readonly RecordOf<'attempt'>[],
  before: RecordOf<'attempt'> | undefined,
  after: RecordOf<'attempt'> | undefined,
): ProbeGap {
  const [first, last] = [failures[0], failures.at(-1)].map((one) => (one ? begun(one) : NaN)) as [number, number]
  const [good, goodAgain] = [before, after].map((one) => (one ? begun(one) : undefined))
  return {
    from: good === undefined ? first : (good + first) / 2,
    until: goodAgain === undefined ? Math.max(...failures.map(({ endedAt }) => endedAt)) : (last + goodAgain) / 2,
    failed: failures.length,
    atLeastMs: last - first,
    atMostMs: good === undefined || goodAgain === undefined ? Infinity : goodAgain - good,
  }
}

const begun = ({ at, sentAt = at }: RecordOf<'attempt'>): number => sentAt

/**
 * The probe of an attempt: its place and protocol (`worker1 tcp`). Other targets than the Service's own address, and
 * kept connections, are appended: `worker1 tcp pod-ip`, `worker1 tcp kept`. A Service has a node port on each Node:
 * `outside udp node-port 10.213.0.15:30080`.
 */
export function probeOf({ from, protocol, target, connection, to }: RecordOf<'attempt'>): string {
  const way = target && target !== 'cluster-ip' ? ` ${target}${target === 'node-port' ? ` ${to}` : ''}` : ''
  return `${from} ${protocol}${way}${connection === 'kept' ? ' kept' : ''}`
}

/** Groups attempts of one Service by their probe. */
export function byProbe(attempts: readonly RecordOf<'attempt'>[]): ReadonlyMap<string, RecordOf<'attempt'>[]> {
  return Map.groupBy(attempts, probeOf)
}
