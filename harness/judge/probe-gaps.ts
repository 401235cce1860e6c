import type { RecordOf } from '../record/records.ts'

/**
 * A time in which what a probe began got no answer. It began between the last attempt that was answered and the first that was not,
 * and ended between the last that was not and the next that was. `from` and `until` are halfway: no other estimate has a smaller
 * worst case, which is half a step between two attempts for each edge, and the mean of both steps for the length. Milliseconds.
 *
 * What counts is when attempts were begun: a busy prober begins some later than they are due, and what was broken when they were
 * due nobody saw. Its first packet follows some hundredths of a millisecond later, on a busy host up to one: so exact are the bounds.
 */
export interface ProbeGap {
  readonly from: number
  readonly until: number
  readonly failed: number
  /** What its length was not below for sure: who says that it was too long has to compare this one with a bound. */
  readonly atLeastMs: number
  /** What it was not above for sure: who says that it was short enough has to compare this one. Infinity where nobody saw it begin or end. */
  readonly atMostMs: number
}

export interface ProbeGaps {
  readonly attempts: number
  readonly failed: number
  readonly gaps: readonly ProbeGap[]
  readonly longestMs: number
  /** The longest outage was not shorter, and not longer, than these: of all gaps, not only of the longest. */
  readonly longestAtLeastMs: number
  readonly longestAtMostMs: number
  readonly totalMs: number
}

/**
 * The gaps of one probe (one place, one Service, one protocol). A gap that is still open at the last attempt ends when
 * that attempt was given up: later nobody looked.
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
 * Which probe an attempt is of: who probed over which protocol (`worker1 tcp`); and, where that is not the Service's own
 * address over fresh connections, by which way and how: `worker1 tcp pod-ip`, `worker1 tcp kept`, and as a Service has a node port on
 * each Node, `outside udp node-port 10.213.0.15:30080`.
 */
export function probeOf({ from, protocol, target, connection, to }: RecordOf<'attempt'>): string {
  const way = target && target !== 'cluster-ip' ? ` ${target}${target === 'node-port' ? ` ${to}` : ''}` : ''
  return `${from} ${protocol}${way}${connection === 'kept' ? ' kept' : ''}`
}

/** Attempts told apart by their probe. Those of several Services are to be told apart before. */
export function byProbe(attempts: readonly RecordOf<'attempt'>[]): ReadonlyMap<string, RecordOf<'attempt'>[]> {
  return Map.groupBy(attempts, probeOf)
}
