/**
 * Milliseconds on CLOCK_MONOTONIC. Every container of a host reads the same clock, so records
 * stamped in different machines can be ordered; a wall clock that is set back cannot confuse them.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Turns a wall-clock time of this host (an audit record's, say) into the monotonic one. */
export function fromWallClock(wallMs: number): number {
  return wallMs + (now() - wallClock())
}

function wallClock(): number {
  return performance.timeOrigin + performance.now()
}
