import type { VNode } from 'preact'
import { el } from './element.ts'

const swatches: readonly (readonly [string, VNode])[] = [
  ['all succeeded, or ready', box('t-good', 3)],
  ['some failed, or data is missing', box('t-part', 8)],
  ['all failed, not ready, or no leader', box('t-bad', 13)],
  ['current leader, or cordoned', box('t-hold', 13)],
  ['active fault', box('t-fault', 13)],
  ['fault being injected', box('t-note', 9)],
  ['fault without proof of effect', box('t-doubt', 13)],
  ['step, satisfied wait, or time that a verdict cites', sign('t-note', 'M11 2l5 5l-5 5l-5 -5z')],
  [
    'warning event, wait that was not satisfied, or time that a verdict other than pass cites',
    sign('t-alarm', 'M11 2l5 9h-10z'),
  ],
]

/** Explains the timeline's shapes. */
export function legend(): VNode {
  return el(
    'div',
    { class: 'legend' },
    ...swatches.map(([text, swatch]) => el('span', null, swatch, text)),
    el('span', null, 'Hover over a shape for details.'),
  )
}

function box(tone: string, height: number): VNode {
  return sign(tone, `M1 ${7 - height / 2}h20v${height}h-20z`)
}

function sign(tone: string, path: string): VNode {
  return el('svg', { width: 22, height: 14, 'aria-hidden': 'true' }, el('path', { class: tone, d: path }))
}
