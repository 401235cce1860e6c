import type { VNode } from 'preact'
import type { Lane, Mark, Span, Tone } from '../../timeline/model.ts'
import { el } from '../element.ts'
import { packed } from '../pack.ts'

export const rowHeight = 18
const mostRows = 7
const characterWidth = 5.7
const boldWidth = 6.4

/** Maps times to positions on the drawing. */
export interface Scale {
  readonly left: number
  readonly right: number
  x(at: number): number
}

// Tones differ in height as well as in colour: a thin line needs no attention, a full block does.
const heights: Readonly<Record<Tone, number>> = {
  good: 3,
  part: 8,
  bad: 13,
  hold: 13,
  fault: 13,
  doubt: 13,
  note: 9,
  alarm: 9,
}

/** Draws one lane from `top` down. `rows` is the number of rows that it takes. */
export function laneSvg(lane: Lane, scale: Scale, top: number): { shapes: VNode[]; rows: number } {
  const items = [...lane.spans.map((span) => spanBox(span, scale)), ...lane.marks.map((mark) => markBox(mark, scale))]
  const { rows, count } = packed(items, mostRows)
  const shapes = items.map((item, index) => item.draw(top + (rows[index] ?? 0) * rowHeight + rowHeight / 2))
  return { shapes, rows: count }
}

interface Box {
  readonly from: number
  readonly to: number
  draw(middle: number): VNode
}

function spanBox({ from, to, tone, label, title }: Span, scale: Scale): Box {
  const x = scale.x(from)
  const width = Math.max(tone === 'good' ? 0.5 : 2, scale.x(to) - x)
  const inside = label.length * (tone === 'hold' ? characterWidth : boldWidth) + 8 <= width && heights[tone] > 10
  const needed = label.length * characterWidth + 6
  // A fault always has its name, beside its block if it does not fit. A short state has its name in the title only.
  const beside = label !== '' && !inside && (tone === 'fault' || tone === 'doubt')
  const leftward = beside && x + width + needed > scale.right
  return {
    from: leftward ? x - needed : x,
    // Stacked by time, not by the minimum visible width: spans that follow each other stay on one row.
    to: beside && !leftward ? x + width + needed : scale.x(to) - 0.01,
    draw: (middle) => {
      const height = heights[tone]
      const at = inside ? x + 5 : leftward ? x - 4 : x + width + 4
      const ink = !inside ? undefined : tone === 'hold' ? 'on-hold' : tone === 'doubt' ? undefined : 'on-solid'
      return el(
        'g',
        null,
        el('title', null, title),
        el('rect', {
          class: `t-${tone}`,
          x: round(x),
          y: middle - height / 2,
          width: round(width),
          height,
          rx: height > 4 ? 2 : undefined,
        }),
        inside || beside
          ? el('text', { x: round(at), y: middle + 4, class: ink, 'text-anchor': leftward ? 'end' : undefined }, label)
          : null,
      )
    },
  }
}

function markBox({ at, tone, label, title }: Mark, scale: Scale): Box {
  const x = scale.x(at)
  const width = label.length * characterWidth + 14
  const leftward = x + width > scale.right && x - width > scale.left
  return {
    from: leftward ? x - width : x - 5,
    to: leftward ? x + 5 : x + (label ? width : 5),
    draw: (middle) =>
      el(
        'g',
        null,
        el('title', null, title),
        el('path', { class: `t-${tone}`, d: shape(tone, round(x), middle) }),
        label
          ? el(
              'text',
              { x: round(leftward ? x - 8 : x + 8), y: middle + 4, 'text-anchor': leftward ? 'end' : undefined },
              label,
            )
          : null,
      ),
  }
}

/** A diamond for a note, a triangle for an alarm. */
function shape(tone: Tone, x: number, y: number): string {
  return tone === 'alarm' ? `M${x} ${y - 5}l5 9h-10z` : `M${x} ${y - 5}l5 5l-5 5l-5 -5z`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
