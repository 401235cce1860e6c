import { renderToString } from 'preact-render-to-string'
import { expect, test } from 'vitest'
import type { Lane, Span } from '../../timeline/model.ts'
import { laneSvg, type Scale } from './lane-svg.ts'
import { packed } from '../pack.ts'

const scale: Scale = { left: 0, right: 1000, x: (at) => at / 60 }
const span = (from: number, to: number, tone: Span['tone'], label = ''): Span => ({
  from,
  to,
  tone,
  label,
  title: label || tone,
})
const drawn = (lane: Partial<Lane>) => {
  const { shapes, rows } = laneSvg({ name: '', spans: [], marks: [], ...lane }, scale, 0)
  return { rows, svg: shapes.map((shape) => renderToString(shape)).join('\n') }
}

test('spans that follow each other share a row, and even a very short one is visible', () => {
  const { rows, svg } = drawn({
    spans: [span(0, 30_000, 'good'), span(30_000, 30_001, 'bad'), span(30_001, 60_000, 'good')],
  })
  expect(rows).toBe(1)
  expect(svg).toContain('class="t-bad" x="500" y="2.5" width="2"')
})

test('overlapping spans are stacked, and every fault keeps its name', () => {
  const { rows, svg } = drawn({
    spans: [span(0, 60_000, 'fault', 'kill etcd@etcd1'), span(59_000, 60_000, 'fault', 'drain worker1')],
  })
  expect(rows).toBe(2)
  expect(svg).toMatch(/class="on-solid"[^>]*>kill etcd@etcd1/)
  expect(svg).toMatch(/text-anchor="end">drain worker1/)
})

test('a label that does not fit in its span appears only in the title', () => {
  expect(drawn({ spans: [span(0, 100, 'hold', 'control-plane1')] }).svg).not.toContain('<text')
})

test('spans beyond the last row share it', () => {
  expect(
    packed(
      Array.from({ length: 5 }, () => ({ from: 0, to: 10 })),
      3,
    ),
  ).toEqual({ rows: [0, 1, 2, 2, 2], count: 3 })
})
