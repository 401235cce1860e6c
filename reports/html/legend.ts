import type { VNode } from 'preact'
import { el } from './element.ts'

const swatches: readonly (readonly [string, VNode])[] = [
  ['all good, or ready', box('t-good', 3)],
  ['some failed, or a watch was cut', box('t-part', 8)],
  ['all failed, not ready, or nobody leads', box('t-bad', 13)],
  ['led by, or cordoned', box('t-hold', 13)],
  ['fault in force', box('t-fault', 13)],
  ['fault being done', box('t-note', 9)],
  ['fault that is not proven', box('t-doubt', 13)],
  ['step, wait or moment of a verdict', sign('t-note', 'M11 2l5 5l-5 5l-5 -5z')],
  ['warning, wait that was not satisfied, or moment of a verdict that is no pass', sign('t-alarm', 'M11 2l5 9h-10z')],
]

/** What the timeline's shapes mean. */
export function legend(): VNode {
  return el(
    'div',
    { class: 'legend' },
    ...swatches.map(([text, swatch]) => el('span', null, swatch, text)),
    el('span', null, 'Point at anything for details.'),
  )
}

function box(tone: string, height: number): VNode {
  return sign(tone, `M1 ${7 - height / 2}h20v${height}h-20z`)
}

function sign(tone: string, path: string): VNode {
  return el('svg', { width: 22, height: 14, 'aria-hidden': 'true' }, el('path', { class: tone, d: path }))
}
