import type { Span, Tone } from './model.ts'

/** From `at` on things are so, until the next change. */
export interface Change {
  readonly at: number
  readonly label: string
  readonly tone: Tone
}

/** Spans between changes; a change that changes nothing is passed over, so thousands of repeats make one span. */
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
