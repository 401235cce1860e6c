import library, { type Builder } from 'junit-report-builder'
import type { Status, Verdict } from '../harness/judge/verdict.ts'
import { boundText, marginText } from './figures.ts'
import type { RunFacts } from './run-facts.ts'
import { looks } from './statuses.ts'
import { clean } from './text.ts'

const outcomes: Readonly<Record<Status, 'passed' | 'failure' | 'error' | 'skipped'>> = {
  pass: 'passed',
  fail: 'failure',
  late: 'failure',
  invalid: 'error',
  inconclusive: 'error',
  known: 'skipped',
  'not-applicable': 'skipped',
  'not-exercised': 'skipped',
}

// The library's types describe a default export that its CommonJS build does not have: the builder is the module itself.
const junit = library as unknown as Builder

/** JUnit XML for build servers: one suite a scenario, one case a contract; a scenario that nothing judged is an empty suite. */
export function buildJunit(facts: RunFacts, verdicts: readonly Verdict[]): string {
  const report = junit.newBuilder().name(clean(`holdfast ${facts.run.run}`))
  const names = new Set([...facts.scenarios.map(({ name }) => name), ...verdicts.map(({ scenario }) => scenario)])
  for (const name of names) {
    const window = facts.scenarios.find((scenario) => scenario.name === name)
    const suite = report.testSuite().name(clean(name)).timestamp(startOf(facts, window?.start)).time(seconds(window))
    suite.property('seed', String(facts.run.seed)).property('replay', clean(facts.replay))
    for (const verdict of verdicts) {
      if (verdict.scenario !== name) continue
      const test = suite
        .testCase()
        .className(clean(`holdfast.${name}`))
        .name(clean(`${verdict.contract} ${verdict.promise}`))
      const reason = clean(verdict.reason)
      const outcome = outcomes[verdict.status]
      if (outcome === 'failure') test.failure(reason, verdict.status)
      else if (outcome === 'error') test.error(reason, verdict.status)
      else if (outcome === 'skipped') test.skipped()
      // A skipped case can't carry a message in this format, so the reason always stands in its output too.
      // The library closes its CDATA at the second `]]>` of a text, so none may be in there.
      test.standardOutput(details(verdict).replaceAll(']]>', ']] >'))
    }
  }
  return report.build()
}

function details(verdict: Verdict): string {
  const lines = [
    ['verdict', looks[verdict.status].word],
    ['reason', verdict.reason],
    ['fault', verdict.fault || 'none'],
    ['observed', verdict.observed],
    ['bound', boundText(verdict)],
    ['source of the bound', verdict.bound?.source ?? ''],
    ['margin', marginText(verdict.margin)],
    ['documentation', verdict.reference],
  ]
  return lines
    .filter(([, value]) => value)
    .map(([key, value]) => clean(`${key}: ${value}`))
    .join('\n')
}

function seconds(window: { start: number; end: number } | undefined): number {
  return window ? Math.round(window.end - window.start) / 1000 : 0
}

/** The wall clock at a moment of the journal's clock. */
function startOf(facts: RunFacts, at: number | undefined): string {
  const started = Date.parse(facts.run.startedAt)
  if (Number.isNaN(started)) return facts.run.startedAt
  return new Date(started + (at ?? facts.run.at) - facts.run.at).toISOString().slice(0, 19)
}
