import { expect, test } from 'vitest'
import { mergedSpans, type Try } from './outages.ts'

const window = { start: 0, end: 60_000 }

function tries(ok: (at: number) => boolean, everyMs = 10): Try[] {
  return Array.from({ length: 60_000 / everyMs }, (_, index) => ({
    at: index * everyMs,
    ok: ok(index * everyMs),
    why: 'refused',
  }))
}

test('thousands of successful attempts make one span', () => {
  const spans = mergedSpans(
    tries(() => true),
    window,
  )
  expect(spans).toMatchObject([
    { from: 0, tone: 'good', title: '+0.0 s to +60.0 s (60 s): all 6,000 attempts succeeded' },
  ])
})

test('an outage is a separate span with exact edges', () => {
  const spans = mergedSpans(
    tries((at) => at < 20_000 || at >= 26_500),
    window,
  )
  expect(spans.map(({ tone }) => tone)).toEqual(['good', 'bad', 'good'])
  expect(spans[1]?.from).toBe(20_000)
  expect(spans[1]?.to).toBe(26_500)
  expect(spans[1]?.title).toBe('+20.0 s to +26.5 s (6.5 s): 650 of 650 attempts failed, mostly: refused')
})

test('one failure among thousands has a span', () => {
  const spans = mergedSpans(
    tries((at) => at !== 33_330),
    window,
  )
  expect(spans.filter(({ tone }) => tone !== 'good')).toHaveLength(1)
  expect(spans.find(({ tone }) => tone === 'part')?.title).toContain('1 of 1 attempt failed')
})

test('quick alternation makes few spans, and no span of successes contains a failure', () => {
  const restless = tries((at) => Math.floor(at / 100) % 2 === 0)
  const spans = mergedSpans(restless, window)
  expect(spans.length).toBeLessThanOrEqual(120)
  for (const { at, ok } of restless) {
    if (!ok) expect(spans.some((span) => span.tone !== 'good' && span.from <= at && span.to >= at)).toBe(true)
  }
})

test('a time without attempts has no span', () => {
  const spans = mergedSpans(
    tries(() => true).filter(({ at }) => at < 10_000 || at > 40_000),
    window,
  )
  expect(spans).toHaveLength(2)
  expect(spans[0]?.to).toBeLessThan(10_010)
})

test('quick alternation between two stable periods is one span with exact edges', () => {
  const flicker = tries((at) => at < 20_000 || at >= 40_000 || at % 60 !== 0)
  const spans = mergedSpans(flicker, window)
  expect(spans.map(({ tone }) => tone)).toEqual(['good', 'part', 'good'])
  expect(spans[1]).toMatchObject({ from: 20_040, to: 39_970, title: expect.stringContaining('333 of') })
})

test('no attempts give no spans', () => {
  expect(mergedSpans([], window)).toEqual([])
})
