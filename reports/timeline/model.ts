import type { ScenarioWindow } from '../facts/run-facts.ts'

/** Look of a shape on the timeline. Each tone has its own shape (thin line, block, half block, outline), not only a colour. */
export type Tone = 'good' | 'part' | 'bad' | 'hold' | 'fault' | 'doubt' | 'note' | 'alarm'

/** A period on the journal's clock. `title` is the tooltip. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly tone: Tone
  readonly label: string
  readonly title: string
}

/** An event at one moment. */
export interface Mark {
  readonly at: number
  readonly tone: Tone
  readonly label: string
  readonly title: string
}

/** One named line of the timeline. Overlapping spans and marks are stacked. */
export interface Lane {
  readonly name: string
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
}

/** Lanes under one heading. */
export interface LaneGroup {
  readonly heading: string
  readonly lanes: readonly Lane[]
}

export type Window = Pick<ScenarioWindow, 'start' | 'end'>

/** Clips `spans` to the window. */
export function clip(spans: readonly Span[], { start, end }: Window): Span[] {
  return spans
    .filter((span) => span.to > start && span.from < end)
    .map((span) => ({ ...span, from: Math.max(span.from, start), to: Math.min(span.to, end) }))
}

export function within<T extends { readonly at: number }>(records: readonly T[], { start, end }: Window): T[] {
  return records.filter(({ at }) => at >= start && at <= end)
}

/** Formats the time since the scenario's start, as on the axis. */
export function offset(at: number, { start }: Pick<Window, 'start'>): string {
  const seconds = (at - start) / 1000
  if (seconds < 99.95) return `+${Math.max(0, seconds).toFixed(1)} s`
  return `+${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
