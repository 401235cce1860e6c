import type { Span, Tone } from './model.ts'

/** A state from `at` until the next change. */
export interface Change {
  readonly at: number
  readonly label: string
  readonly tone: Tone
}

/** Makes a span between each two changes. Repeats of the same state are skipped, so that thousands of them make one span. */
export function stateSpans(
  changes: readonly Change[],
  until: number,
  describe: (change: Change, from: number, to: number) => string,
): Span[] {
  const kept: Change[] = []
  for (const change of changes) {
    const last = kept.at(-1)
    if (last?.label === change.label && last.tone === change.tone) continue
    kept.push(change)
  }
  return kept.flatMap((change, index) => {
    const to = kept[index + 1]?.at ?? until
    if (to <= change.at) return []
    return [{ from: change.at, to, tone: change.tone, label: change.label, title: describe(change, change.at, to) }]
  })
}
