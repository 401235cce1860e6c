import { duration, counted } from '../text/figures.ts'
import { oneLine } from '../text/text.ts'
import { offset, type Span, type Tone, type Window } from './model.ts'

/** One of many attempts. `why` is the error of a failed one. */
export interface Try {
  readonly at: number
  readonly ok: boolean
  readonly why: string
}

interface Run {
  good: number
  failed: number
  first: number
  last: number
  why: Map<string, number>
}

/** A stretch of one outcome gets its own span if it is at least this share of the window; shorter neighbours are merged. */
const solidShare = 1 / 60
/** A pause between attempts leaves a hole if it is at least this share of the window and far above the usual interval. */
const holeShare = 1 / 100

/**
 * Merges thousands of attempts into at most a few hundred spans. Edges are exact, and a span without failures stays without:
 * outages keep their length, and quick alternation becomes one span with its number of failures.
 */
export function mergedSpans(tries: readonly Try[], window: Window): Span[] {
  const inside = tries.filter(({ at }) => at >= window.start && at <= window.end).toSorted((a, b) => a.at - b.at)
  const length = window.end - window.start
  const hole = Math.max(length * holeShare, (6 * ((inside.at(-1)?.at ?? 0) - (inside[0]?.at ?? 0))) / inside.length)
  const runs = mixed(sameOutcome(inside, hole), length * solidShare, hole)
  return runs.map((run, index) => {
    const next = runs[index + 1]
    // A span reaches to the next one unless the attempts paused in between.
    const to = next && next.first - run.last <= hole ? next.first : run.last
    return { from: run.first, to, tone: tone(run), label: '', title: describe(run, to, window) }
  })
}

function sameOutcome(tries: readonly Try[], hole: number): Run[] {
  const runs: Run[] = []
  for (const { at, ok, why } of tries) {
    let run = runs.at(-1)
    if (!run || (run.failed === 0) !== ok || at - run.last > hole) {
      run = { good: 0, failed: 0, first: at, last: at, why: new Map() }
      runs.push(run)
    }
    run[ok ? 'good' : 'failed'] += 1
    run.last = at
    if (!ok) run.why.set(why, (run.why.get(why) ?? 0) + 1)
  }
  return runs
}

function mixed(runs: readonly Run[], solidMs: number, hole: number): Run[] {
  const merged: Run[] = []
  let mixing = false
  runs.forEach((run, index) => {
    const until = runs[index + 1]?.first ?? run.last
    const solid = until - run.first >= solidMs
    const last = merged.at(-1)
    if (last && mixing && !solid && run.first - last.last <= hole) absorb(last, run)
    else merged.push({ ...run })
    mixing = !solid
  })
  return merged
}

function tone({ good, failed }: Run): Tone {
  if (failed === 0) return 'good'
  return good === 0 && failed > 1 ? 'bad' : 'part'
}

function absorb(into: Run, run: Run): void {
  into.good += run.good
  into.failed += run.failed
  into.last = run.last
  for (const [why, count] of run.why) into.why.set(why, (into.why.get(why) ?? 0) + count)
}

function describe({ good, failed, first, why }: Run, to: number, window: Window): string {
  const when = `${offset(first, window)} to ${offset(to, window)} (${duration(to - first)})`
  if (failed === 0) return `${when}: all ${counted(good, 'attempt')} succeeded`
  const most = [...why].toSorted(([, a], [, b]) => b - a)[0]?.[0]
  return `${when}: ${failed} of ${counted(good + failed, 'attempt')} failed${most ? `, mostly: ${oneLine(most, 120)}` : ''}`
}
