import type { VNode } from 'preact'
import type { Drawing } from '../../../harness/judge/history/draw.ts'
import { counted } from '../../text/figures.ts'
import { oneLine } from '../../text/text.ts'
import { el } from '../element.ts'

const [width, left, right, top] = [1240, 190, 650, 24]
const rowHeight = 20
const barHeight = 10
/** Most operations that are drawn. Histories are reduced first; one that could not be reduced may have more. */
const most = 80

/** Draws a history: one lane a client, one row an operation, from its call to its return, with its result. */
export function historySvg({ lanes, spanMs }: Drawing, contract: string): VNode {
  const rows = lanes.flatMap(({ client, bars }) =>
    bars.map((bar, n) => ({ bar, client: n === 0 ? client : undefined })),
  )
  const drawn = rows.slice(0, most)
  const bottom = top + drawn.length * rowHeight
  const more = rows.length - drawn.length
  const words = `The smallest part of the history that breaks ${contract}: ${counted(rows.length, 'operation')} of ${counted(lanes.length, 'client')} in ${spanMs.toFixed(1)} ms`
  return el(
    'svg',
    { class: 'history', viewBox: `0 0 ${width} ${bottom + (more > 0 ? 26 : 8)}`, role: 'img', 'aria-label': words },
    el('text', { class: 'axis', x: left, y: 12 }, '0 ms'),
    el('text', { class: 'axis', x: right, y: 12, 'text-anchor': 'end' }, `${spanMs.toFixed(1)} ms`),
    el(
      'text',
      { class: 'axis', x: right + 20, y: 12 },
      'request and result; filled: write, hollow: read, red: contradiction',
    ),
    // These lines show which operation ended before another one began.
    ...drawn.flatMap(({ bar }) => [bar.from, ...(bar.open ? [] : [bar.to])]).map((at) => hair(place(at), bottom)),
    ...drawn.flatMap((row, n) => rowSvg(row, top + n * rowHeight)),
    more > 0 ? el('text', { class: 'axis', x: left, y: bottom + 16 }, `${more} more are not drawn`) : null,
  )
}

interface Row {
  readonly bar: Drawing['lanes'][number]['bars'][number]
  /** Set on a lane's first row. */
  readonly client: string | undefined
}

function rowSvg({ bar, client }: Row, y: number): VNode[] {
  const middle = y + rowHeight / 2
  const [from, to] = [place(bar.from), place(bar.to)]
  const barClass = `${bar.writes ? 'h-write' : 'h-read'}${bar.shows ? ' h-shows' : ''}`
  const box = { x: from, y: middle - barHeight / 2, width: Math.max(3, to - from), height: barHeight, rx: 2 }
  const edge = { x1: 0, x2: width, y1: y, y2: y }
  return [
    ...(client === undefined ? [] : [el('line', { class: 'rule', ...edge })]),
    ...(client === undefined
      ? []
      : [el('text', { x: left - 12, y: middle + 4, 'text-anchor': 'end' }, oneLine(client, 30))]),
    el('g', null, el('title', null, oneLine(bar.words)), el('rect', { class: barClass, ...box })),
    ...(bar.open ? [el('text', { x: right + 4, y: middle + 4 }, '…')] : []),
    el('text', { x: right + 20, y: middle + 4, class: bar.shows ? 'h-shown' : undefined }, oneLine(bar.words, 96)),
  ]
}

const place = (share: number): number => Math.round((left + share * (right - left)) * 10) / 10
const hair = (x: number, bottom: number): VNode => el('line', { class: 'grid', x1: x, x2: x, y1: top, y2: bottom })
