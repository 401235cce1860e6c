const mostStretches = 8

/** Formats line numbers, with ranges: `3, 17–20`. */
export function journalLines(lines: readonly number[]): string {
  const stretches: { from: number; to: number }[] = []
  for (const line of lines) {
    const last = stretches.at(-1)
    if (last && line === last.to + 1) last.to = line
    else stretches.push({ from: line, to: line })
  }
  const shown = stretches.slice(0, mostStretches)
  const left = stretches.slice(mostStretches).reduce((sum, { from, to }) => sum + to - from + 1, 0)
  const words = shown.map(({ from, to }) => (from === to ? String(from) : `${from}–${to}`)).join(', ')
  return left > 0 ? `${words} and ${left} more` : words
}
