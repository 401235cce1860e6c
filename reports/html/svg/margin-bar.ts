import type { VNode } from 'preact'
import type { Verdict } from '../../../harness/judge/verdict/verdict.ts'
import { marginText } from '../../text/figures.ts'
import { el } from '../element.ts'

const width = 110
const height = 8

/** Draws how much of the bound was used. The line is the bound; the part beyond it differs in shape and colour. */
export function marginBar({ margin, bound, status }: Verdict): VNode | null {
  if (margin === undefined || !bound || !Number.isFinite(margin)) return null
  // No measurement counts for these, and a bound of zero has no length to draw.
  if (status === 'invalid' || status === 'inconclusive' || status === 'not-applicable' || bound.limit === 0) return null
  const used = 1 - Math.min(1, margin)
  // With a breach, the bound is at two thirds of the width; a breach of more than half the bound ends at the edge.
  const edge = margin < 0 ? (width * 2) / 3 : width
  const held = Math.max(1.5, Math.min(1, used) * edge)
  const past = margin < 0 ? Math.min(width - edge, (used - 1) * edge) : 0
  const share = marginText(margin).replace('-', '')
  const label = margin < 0 ? `${share} over the bound` : `${share} of the bound left`
  return el(
    'div',
    null,
    el(
      'svg',
      { width, height: height + 4, viewBox: `0 0 ${width} ${height + 4}`, role: 'img', 'aria-label': label },
      el('title', null, label),
      el('rect', { class: 'bar-track', x: 0, y: 2, width: edge, height, rx: 1 }),
      el('rect', { class: 'bar-held', x: 0, y: 2, width: round(held), height, rx: 1 }),
      past > 0 ? el('rect', { class: 'bar-past', x: edge, y: 0, width: round(past), height: height + 4 }) : null,
      el('line', { class: 'bar-edge', x1: edge - 0.5, x2: edge - 0.5, y1: 0, y2: height + 4 }),
    ),
    el('span', { class: 'small soft' }, margin < 0 ? `${share} over` : `${share} left`),
  )
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
