import type { VNode } from 'preact'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import { runExitCode } from '../../harness/judge/verdict/exit-code.ts'
import { counted, duration } from '../text/figures.ts'
import { endedEarly, harnessErrors, type Incomplete, incompleteness, journalLosses } from '../facts/incomplete.ts'
import type { RunFacts } from '../facts/run-facts.ts'
import { type Counts, countStatuses, worstByContract } from '../text/statuses.ts'
import { oneLine } from '../text/text.ts'
import { el } from './element.ts'

const mostMessages = 20

/** Draws the first screen: whether the cluster kept its promises, which run it was, and how to repeat it. */
export function headline(facts: RunFacts, verdicts: readonly Verdict[]): VNode {
  const { run, cluster } = facts
  const versions = Object.entries({ ...run.versions, ...cluster?.versions }).map(
    ([name, version]) => `${name} ${version}`,
  )
  const rows: [string, string][] = [
    ['Run', run.run],
    ['Started', started(run.startedAt)],
    ['Duration', duration(facts.durationMs)],
    [
      'Cluster',
      cluster ? `${cluster.topology}, ${cluster.distribution}, ${cluster.timings} timings` : 'never became ready',
    ],
    ['Versions', versions.join(', ')],
    ['Seed', String(run.seed)],
    ['Exit code', String(runExitCode(facts.whole.records, verdicts))],
  ]
  const counts = countStatuses(worstByContract(verdicts))
  return el(
    'header',
    null,
    el('div', { class: 'mast' }, 'Holdfast'),
    el('h1', null, answer(counts, incompleteness(facts).length === 0)),
    el('p', { class: 'soft' }, [tally(counts), breakdown(facts)].filter(Boolean).join(' ')),
    el(
      'dl',
      { class: 'facts' },
      ...rows.map(([term, text]) => el('div', null, el('dt', null, term), el('dd', null, text))),
    ),
    el('div', { class: 'small soft' }, 'Repeat this run'),
    el('code', { class: 'replay' }, facts.replay),
    box(
      'Losses in the journal',
      journalLosses(facts).map(({ reason }) => reason),
    ),
    box('Harness errors', harnessErrors(facts)),
    box('Scenarios that ended early', endedEarly(facts).map(earlyLine)),
  )
}

/** Puts the contracts' worst verdicts into one sentence. Kept promises never hide inconclusive ones or an incomplete run. */
export function answer(counts: Counts, complete: boolean): string {
  const open = counts.invalid + counts.inconclusive
  const judged = counts.fail + counts.late + open + counts.known + counts.pass
  const of = (count: number): string => `${count} of ${counted(judged, 'promise')}`
  if (judged === 0) return 'No promise was judged: this run is no evidence about the cluster.'
  if (counts.fail > 0 && counts.late > 0) return `The cluster broke or kept late ${of(counts.fail + counts.late)}.`
  if (counts.fail > 0) return `The cluster broke ${of(counts.fail)}.`
  if (counts.late > 0) return `The cluster kept ${of(counts.late)} late.`
  if (open > 0) return `Inconclusive: ${of(open)} could not be judged.`
  if (!complete) return `The run is incomplete. In the recorded part, the cluster kept ${counted(judged, 'promise')}.`
  if (counts.known > 0) return `The cluster kept its promises, except for ${counted(counts.known, 'known deviation')}.`
  return judged === 1 ? 'The cluster kept the one promise judged.' : `The cluster kept all ${judged} promises judged.`
}

/** Counts promises by their worst verdict; those that were not exercised are counted separately. */
function tally(counts: Counts): string {
  const parts: [number, string][] = [
    [counts.fail, 'broken'],
    [counts.late, 'late'],
    [counts.invalid + counts.inconclusive, 'inconclusive or invalid'],
    [counts.known, 'known deviation'],
    [counts.pass, 'kept'],
    [counts['not-applicable'], 'not applicable'],
  ]
  const nonZero = parts.filter(([count]) => count > 0).map(([count, word]) => `${count} ${word}`)
  const idle = counts['not-exercised']
  const sentences = [
    nonZero.length > 0 ? `Promises: ${nonZero.join(', ')}.` : '',
    idle > 0 ? `${idle} not exercised.` : '',
  ]
  return sentences.filter(Boolean).join(' ')
}

function breakdown(facts: RunFacts): string {
  const injected = facts.whole.of('fault').filter(({ edge }) => edge === 'injected')
  const faults = new Set(injected.map(({ id }) => id)).size
  const attempts = facts.whole.of('attempt')
  const failed = attempts.filter(({ ok }) => !ok).length
  const probes =
    attempts.length > 0
      ? ` ${failed === 0 ? 'None' : failed.toLocaleString('en')} of ${counted(attempts.length, 'probe attempt')} failed, including those during faults.`
      : ''
  return `${counted(facts.scenarios.length, 'recording')} with ${counted(faults, 'fault')}.${probes}`
}

function earlyLine({ scenario, cause, reason, where }: Incomplete): string {
  return `${scenario}: ${cause}${where ? ` at ${where}` : ''}: ${reason}`
}

function box(title: string, messages: readonly string[]): VNode | null {
  if (messages.length === 0) return null
  const more = messages.length - mostMessages
  return el(
    'div',
    { class: 'trouble' },
    el('strong', null, title),
    el(
      'ul',
      null,
      ...messages.slice(0, mostMessages).map((message) => el('li', null, oneLine(message, 500))),
      more > 0 ? el('li', null, `and ${more} more`) : null,
    ),
  )
}

/** In UTC, so that the page is the same wherever it is built. */
function started(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
