import type { ScenarioWindow } from '../run-facts.ts'

/** How a piece of the timeline looks. Each has its own shape (thin line, block, half block, outline), colour only adds to it. */
export type Tone = 'good' | 'part' | 'bad' | 'hold' | 'fault' | 'doubt' | 'note' | 'alarm'

/** Something that lasted, on the journal's clock. `title` is what a reader sees who points at it. */
export interface Span {
  readonly from: number
  readonly to: number
  readonly tone: Tone
  readonly label: string
  readonly title: string
}

/** Something that happened at one moment. */
export interface Mark {
  readonly at: number
  readonly tone: Tone
  readonly label: string
  readonly title: string
}

/** One named line of the timeline. Spans and marks that would overlap are stacked when it is drawn. */
export interface Lane {
  readonly name: string
  readonly spans: readonly Span[]
  readonly marks: readonly Mark[]
}

/** Lanes that belong together, under one heading. */
export interface LaneGroup {
  readonly heading: string
  readonly lanes: readonly Lane[]
}

export type Window = Pick<ScenarioWindow, 'start' | 'end'>

/** The part of `spans` that lies in the window. */
export function clip(spans: readonly Span[], { start, end }: Window): Span[] {
  return spans
    .filter((span) => span.to > start && span.from < end)
    .map((span) => ({ ...span, from: Math.max(span.from, start), to: Math.min(span.to, end) }))
}

export function within<T extends { readonly at: number }>(records: readonly T[], { start, end }: Window): T[] {
  return records.filter(({ at }) => at >= start && at <= end)
}

/** Seconds after the scenario's start, as the axis counts them. */
export function offset(at: number, { start }: Pick<Window, 'start'>): string {
  const seconds = (at - start) / 1000
  if (seconds < 99.95) return `+${Math.max(0, seconds).toFixed(1)} s`
  return `+${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`
}
