import type { VNode } from 'preact'
import { duration } from '../../text/figures.ts'
import type { Timeline } from '../../timeline/timeline.ts'
import { ticks, tickText } from './axis.ts'
import { el } from '../element.ts'
import { laneSvg, rowHeight, type Scale } from './lane-svg.ts'

const width = 1240
const left = 224
const right = width - 8
const top = 22
const groupGap = 8

/** Draws one scenario's timeline: all lanes under one axis, with faults shaded behind them. */
export function timelineSvg({ window, groups, faults }: Timeline, name: string): VNode {
  const length = Math.max(1, window.end - window.start)
  const scale: Scale = {
    left,
    right,
    x: (at) => left + ((Math.min(window.end, Math.max(window.start, at)) - window.start) / length) * (right - left),
  }
  const shapes: VNode[] = []
  let y = top
  for (const { heading, lanes } of groups) {
    shapes.push(el('line', { class: 'rule', x1: 0, x2: right, y1: y + groupGap / 2, y2: y + groupGap / 2 }))
    y += groupGap
    lanes.forEach((lane, index) => {
      const drawn = laneSvg(lane, scale, y)
      const middle = y + rowHeight / 2 + 4
      if (index === 0) shapes.push(el('text', { class: 'heading', x: 0, y: middle }, heading))
      shapes.push(el('text', { x: left - 10, y: middle, 'text-anchor': 'end' }, short(lane.name)), ...drawn.shapes)
      y += drawn.rows * rowHeight
    })
  }
  const height = y + 6
  const words = `Timeline of ${name}, ${duration(length)}: ${groups.map(({ heading }) => heading).join(', ')}`
  return el(
    'svg',
    { class: 'timeline', viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': words },
    ...faults.map(({ begun, to }) => {
      const x = scale.x(begun)
      return el('rect', {
        class: 'shade',
        x: round(x),
        y: top,
        width: round(Math.max(1, scale.x(to) - x)),
        height: height - top,
      })
    }),
    ...axis(length, scale, window.start, height),
    ...shapes,
  )
}

function axis(length: number, scale: Scale, start: number, height: number): VNode[] {
  return ticks(length / 1000).map((second) => {
    const x = round(scale.x(start + second * 1000))
    const anchor = second === 0 ? 'start' : x > right - 16 ? 'end' : 'middle'
    return el(
      'g',
      null,
      el('line', { class: 'grid', x1: x, x2: x, y1: top, y2: height }),
      el('text', { class: 'axis', x, y: top - 7, 'text-anchor': anchor }, tickText(second)),
    )
  })
}

function short(name: string): string {
  return name.length > 24 ? `${name.slice(0, 23)}…` : name
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
