/**
 * Returns milliseconds on CLOCK_MONOTONIC. All containers of a host share this clock, so records of different machines can be
 * ordered, and changes of the wall clock do not matter.
 */
export function now(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Converts a wall-clock time of this host, for example of an audit record, to the monotonic clock. */
export function fromWallClock(wallMs: number): number {
  return wallMs + (now() - wallClock())
}

function wallClock(): number {
  return performance.timeOrigin + performance.now()
}
