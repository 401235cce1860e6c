import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named } from '../../judge/recording/cluster-facts.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { duration } from '../../judge/verdict/format.ts'
import { quorumRecovery } from '../bounds.ts'
import { type Outage, quorumOutages } from './outage.ts'

/** gRPC's defaults, which API servers keep for etcd: https://github.com/grpc/grpc/blob/master/doc/connection-backoff.md */
const backoff = { firstMs: 1_000, multiplier: 1.6, maxMs: 120_000, jitter: 0.2 }

/** The time that an API server has to confirm writes again. Where no member ran, it pauses longer after each attempt to connect. */
export function serverRecovery(recording: Recording, outage: Outage): Bound {
  const bound = quorumRecovery(recording)
  if (!isWhole(recording, outage)) return bound
  const outageMs = outage.until - outage.from
  const pauseMs = longestPause(outageMs)
  return {
    ...bound,
    limit: bound.limit + pauseMs,
    source: `${bound.source} + ${duration(pauseMs)} (longest pause of a gRPC client that could not connect for ${duration(outageMs)})`,
  }
}

/** The times in which API servers may still be without etcd, although its members run. */
export function reconnectTimes(recording: Recording): Interval[] {
  return quorumOutages(recording)
    .filter((outage) => isWhole(recording, outage))
    .map((outage) => ({ from: outage.until, until: outage.until + serverRecovery(recording, outage).limit }))
}

function isWhole(recording: Recording, { dead, until }: Outage): boolean {
  return until < Infinity && named(recording, 'etcd').every((member) => dead.has(member))
}

/** The longest pause that may begin within the outage: the pauses before it were as short as jitter allows. */
function longestPause(outageMs: number): number {
  let pauseMs = backoff.firstMs
  let pausedMs = pauseMs * (1 - backoff.jitter)
  while (pausedMs < outageMs && pauseMs < backoff.maxMs) {
    pauseMs = Math.min(pauseMs * backoff.multiplier, backoff.maxMs)
    pausedMs += pauseMs * (1 - backoff.jitter)
  }
  return Math.ceil(pauseMs * (1 + backoff.jitter))
}
