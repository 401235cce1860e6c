import * as hdr from 'hdr-histogram-js'

/**
 * The latency of answers, milliseconds. `histogram` is an HdrHistogram of microseconds (V2, deflated, base64), as its
 * tools read it.
 */
export interface Latency {
  readonly answers: number
  readonly p50: number
  readonly p99: number
  readonly max: number
  readonly histogram: string
}

/** Three digits up to a minute: no attempt waits that long. */
const shape = {
  bitBucketSize: 32,
  lowestDiscernibleValue: 1,
  highestTrackableValue: 60_000_000,
  numberOfSignificantValueDigits: 3,
} as const

/** How long answers took. Undefined without answers. */
export function latencyOf(durationsMs: readonly number[]): Latency | undefined {
  const histogram = hdr.build(shape)
  for (const ms of durationsMs)
    histogram.recordValue(Math.min(shape.highestTrackableValue, Math.max(0, Math.round(ms * 1000))))
  return summed(histogram)
}

/** Merges the latencies of several shards of a run into one. */
export function mergedLatency(shards: readonly Pick<Latency, 'histogram'>[]): Latency | undefined {
  const histogram = hdr.build(shape)
  for (const shard of shards) histogram.add(hdr.decodeFromCompressedBase64(shard.histogram))
  return summed(histogram)
}

function summed(histogram: ReturnType<typeof hdr.build>): Latency | undefined {
  if (histogram.totalCount === 0) return undefined
  const at = (percentile: number): number => histogram.getValueAtPercentile(percentile) / 1000
  return {
    answers: histogram.totalCount,
    p50: at(50),
    p99: at(99),
    max: at(100),
    histogram: hdr.encodeIntoCompressedBase64(histogram),
  }
}
