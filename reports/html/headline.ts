import type { VNode } from 'preact'
import type { Status, Verdict } from '../../harness/judge/verdict.ts'
import { runExitCode } from '../../harness/judge/exit-code.ts'
import { counted, duration } from '../figures.ts'
import type { RunFacts } from '../run-facts.ts'
import { oneLine } from '../text.ts'
import { el } from './element.ts'

/** First screen: did the cluster keep its promises, which run was it, how to do it again. */
export function headline(facts: RunFacts, verdicts: readonly Verdict[]): VNode {
  const { run, cluster } = facts
  const versions = Object.entries({ ...run.versions, ...cluster?.versions }).map(
    ([name, version]) => `${name} ${version}`,
  )
  const rows: [string, string][] = [
    ['Run', run.run],
    ['Started', started(run.startedAt)],
    ['Took', duration(facts.durationMs)],
    ['Cluster', cluster ? `${cluster.topology}, ${cluster.distribution}, ${cluster.timings} timings` : 'never came up'],
    ['Versions', versions.join(', ')],
    ['Seed', String(run.seed)],
    ['Exit code', String(runExitCode(facts.whole.records, verdicts))],
  ]
  return el(
    'header',
    null,
    el('div', { class: 'mast' }, 'Holdfast'),
    el('h1', null, answer(verdicts)),
    el('p', { class: 'soft' }, breakdown(facts, verdicts)),
    el(
      'dl',
      { class: 'facts' },
      ...rows.map(([term, text]) => el('div', null, el('dt', null, term), el('dd', null, text))),
    ),
    el('div', { class: 'small soft' }, 'To run exactly this again'),
    el('code', { class: 'replay' }, facts.replay),
    trouble(facts),
  )
}

/** The verdicts as one sentence, each promise counted once however many scenarios tried it. Nothing undecided hides behind a kept promise. */
export function answer(verdicts: readonly Verdict[]): string {
  const promises = (...statuses: Status[]) =>
    new Set(verdicts.filter(({ status }) => statuses.includes(status)).map(({ contract }) => contract)).size
  const [broken, late, undecided, known] = [
    promises('fail'),
    promises('late'),
    promises('invalid', 'inconclusive'),
    promises('known'),
  ]
  const judged = promises('pass', 'fail', 'late', 'known', 'invalid', 'inconclusive')
  const of = `${promises('fail', 'late')} of ${counted(judged, 'promise')}`
  if (judged === 0) return 'Nothing was judged: this run says nothing about the cluster.'
  if (broken > 0) return `The cluster broke ${late > 0 ? `or was late with ${of}` : of}.`
  if (late > 0) return `The cluster was late with ${of}.`
  if (undecided > 0) return `Undecided: ${undecided} of ${counted(judged, 'promise')} could not be judged.`
  if (known > 0) return `The cluster kept its promises, but for ${counted(known, 'known deviation')}.`
  return judged === 1 ? 'The cluster kept its one promise.' : `The cluster kept all ${judged} promises.`
}

function breakdown(facts: RunFacts, verdicts: readonly Verdict[]): string {
  const contracts = new Set(verdicts.map(({ contract }) => contract)).size
  const faults = new Set(
    facts.whole
      .of('fault')
      .filter(({ edge }) => edge === 'injected')
      .map(({ id }) => id),
  ).size
  const attempts = facts.whole.of('attempt')
  const failed = attempts.filter(({ ok }) => !ok).length
  const probes =
    attempts.length > 0
      ? ` ${failed === 0 ? 'None' : failed.toLocaleString('en')} of ${counted(attempts.length, 'probe')} failed.`
      : ''
  return `${counted(contracts, 'contract')} judged on ${counted(facts.scenarios.length, 'scenario')} with ${counted(faults, 'fault')}.${probes}`
}

function trouble({ whole, scenarios }: RunFacts): VNode | null {
  const messages = [...new Set(whole.of('rig').map(({ message }) => oneLine(message, 500)))]
  for (const { name, outcome, reason } of scenarios) {
    if (outcome === undefined) messages.push(`Scenario ${name} did not end.`)
    else if (outcome !== 'completed')
      messages.push(oneLine(`Scenario ${name} was not completed (${outcome}): ${reason}`, 500))
  }
  if (messages.length === 0) return null
  const shown = messages.slice(0, 20)
  const more = messages.length - shown.length
  return el(
    'div',
    { class: 'trouble' },
    el('strong', null, 'Trouble of the rig, not of the cluster'),
    el(
      'ul',
      null,
      ...shown.map((message) => el('li', null, message)),
      more > 0 ? el('li', null, `and ${more} more`) : null,
    ),
  )
}

/** UTC, so that the page reads the same wherever it is built. */
function started(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? iso : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
