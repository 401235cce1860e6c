/** A part of a line, in user units of the drawing. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Assigns each stretch the first row without overlap, or the last row when all rows are taken. */
export function packed(stretches: readonly Stretch[], mostRows: number): { rows: number[]; count: number } {
  const ends: number[] = []
  const rows = stretches.map(({ from, to }) => {
    const free = ends.findIndex((end) => end <= from)
    const row = free >= 0 ? free : Math.min(ends.length, mostRows - 1)
    ends[row] = Math.max(ends[row] ?? 0, to)
    return row
  })
  return { rows, count: Math.max(1, ends.length) }
}
