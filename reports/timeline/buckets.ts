import { duration, counted } from '../figures.ts'
import { oneLine } from '../text.ts'
import { offset, type Span, type Tone, type Window } from './model.ts'

/** One try of something that is tried all along. `why` says what went wrong. */
export interface Try {
  readonly at: number
  readonly ok: boolean
  readonly why: string
}

interface Bucket {
  good: number
  failed: number
  first: number
  last: number
  why: Map<string, number>
}

const finest = 600
const mostSpans = 120

/**
 * Thousands of tries as a few spans: counted in equal slices of the window, neighbours of one kind merged. Where good and
 * failed alternate so often that this is still too many, the slices are made wider. No failure is ever merged away: a slice
 * with one is never drawn as good. A slice in which nothing was tried leaves a hole only when it is longer than the pace.
 */
export function mergedSpans(tries: readonly Try[], window: Window): Span[] {
  for (let slices = finest; ; slices = Math.floor(slices / 2)) {
    const spans = merge(tries, window, slices)
    if (spans.length <= mostSpans || slices < 40) return spans
  }
}

function merge(tries: readonly Try[], window: Window, slices: number): Span[] {
  const width = Math.max(1, (window.end - window.start) / slices)
  const buckets = new Map<number, Bucket>()
  for (const { at, ok, why } of tries) {
    if (at < window.start || at > window.end) continue
    const index = Math.floor((at - window.start) / width)
    const bucket = buckets.get(index) ?? { good: 0, failed: 0, first: at, last: at, why: new Map() }
    buckets.set(index, bucket)
    bucket[ok ? 'good' : 'failed'] += 1
    bucket.first = Math.min(bucket.first, at)
    bucket.last = Math.max(bucket.last, at)
    if (!ok) bucket.why.set(why, (bucket.why.get(why) ?? 0) + 1)
  }
  const pace = Math.max(width, (4 * (window.end - window.start)) / Math.max(1, tries.length))
  const merged: Bucket[] = []
  for (const [, bucket] of [...buckets].toSorted(([a], [b]) => a - b)) {
    const last = merged.at(-1)
    if (last && tone(last) === tone(bucket) && bucket.first - last.last <= pace) absorb(last, bucket)
    else merged.push(bucket)
  }
  return merged.map((bucket, index) => {
    // A span reaches to the next one unless tries stopped in between.
    const next = merged[index + 1]
    const to = next && next.first - bucket.last <= pace ? next.first : Math.min(window.end, bucket.last + width)
    return { from: bucket.first, to, tone: tone(bucket), label: '', title: describe(bucket, window) }
  })
}

function tone({ good, failed }: Bucket): Tone {
  if (failed === 0) return 'good'
  return good === 0 ? 'bad' : 'part'
}

function absorb(into: Bucket, bucket: Bucket): void {
  into.good += bucket.good
  into.failed += bucket.failed
  into.last = bucket.last
  for (const [why, count] of bucket.why) into.why.set(why, (into.why.get(why) ?? 0) + count)
}

function describe({ good, failed, first, last, why }: Bucket, window: Window): string {
  const when = `${offset(first, window)} to ${offset(last, window)} (${duration(last - first)})`
  if (failed === 0) return `${when}: all ${counted(good, 'try', 'tries')} good`
  const most = [...why].toSorted(([, a], [, b]) => b - a)[0]?.[0]
  return `${when}: ${failed} of ${counted(good + failed, 'try', 'tries')} failed${most ? `, mostly: ${oneLine(most, 120)}` : ''}`
}
