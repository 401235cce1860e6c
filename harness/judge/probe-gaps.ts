import type { RecordOf } from '../record/records.ts'

/**
 * A time in which a probe got no answer: from the first attempt that failed to the next that did not. Milliseconds. What counts
 * is when they were begun: a busy prober begins some later than they are due, and what was broken when they were due nobody saw.
 */
export interface ProbeGap {
  readonly from: number
  readonly until: number
  readonly failed: number
}

export interface ProbeGaps {
  readonly attempts: number
  readonly failed: number
  readonly gaps: readonly ProbeGap[]
  readonly longestMs: number
  readonly totalMs: number
}

/**
 * The gaps of one probe (one place, one Service, one protocol). A gap that is still open at the last attempt ends when
 * that attempt was given up: later nobody looked.
 */
export function probeGaps(attempts: readonly RecordOf<'attempt'>[]): ProbeGaps {
  const gaps: ProbeGap[] = []
  let open: { from: number; until: number; failed: number } | undefined
  for (const attempt of attempts.toSorted((a, b) => begun(a) - begun(b))) {
    const { endedAt, ok } = attempt
    if (ok) {
      if (open) gaps.push({ ...open, until: begun(attempt) })
      open = undefined
    } else {
      open = {
        from: open?.from ?? begun(attempt),
        until: Math.max(open?.until ?? 0, endedAt),
        failed: (open?.failed ?? 0) + 1,
      }
    }
  }
  if (open) gaps.push(open)
  const lengths = gaps.map(({ from, until }) => until - from)
  return {
    attempts: attempts.length,
    failed: attempts.filter(({ ok }) => !ok).length,
    gaps,
    longestMs: Math.max(0, ...lengths),
    totalMs: lengths.reduce((sum, length) => sum + length, 0),
  }
}

const begun = ({ at, sentAt = at }: RecordOf<'attempt'>): number => sentAt

/**
 * Which probe an attempt is of: who probed over which protocol (`worker1 tcp`); and, where that is not the Service's own
 * address over fresh connections, by which way and how: `worker1 tcp node-port`, `worker1 tcp kept`.
 */
export function probeOf({ from, protocol, target, connection }: RecordOf<'attempt'>): string {
  const way = target && target !== 'cluster-ip' ? ` ${target}` : ''
  return `${from} ${protocol}${way}${connection === 'kept' ? ' kept' : ''}`
}

/** Attempts told apart by their probe. Those of several Services are to be told apart before. */
export function byProbe(attempts: readonly RecordOf<'attempt'>[]): ReadonlyMap<string, RecordOf<'attempt'>[]> {
  return Map.groupBy(attempts, probeOf)
}
