import library, { type Builder, type TestSuite } from 'junit-report-builder'
import { runExitCode } from '../harness/judge/verdict/exit-code.ts'
import type { Status, Verdict } from '../harness/judge/verdict/verdict.ts'
import { boundText, marginText } from './text/figures.ts'
import { type Incomplete, incompleteness } from './facts/incomplete.ts'
import { journalLines } from './text/journal-lines.ts'
import { judgedRecordings } from './facts/judged-recordings.ts'
import type { RunFacts } from './facts/run-facts.ts'
import { exercised, statusStyles } from './text/statuses.ts'
import { clean } from './text/text.ts'

type Outcome = 'passed' | 'failure' | 'error' | 'skipped'

const outcomes: Readonly<Record<Status, Outcome>> = {
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

/**
 * Builds JUnit XML: one suite for each recording, one case for each contract that it exercised. It agrees with the exit code: for
 * an incomplete run, or one without verdicts, a suite `run` has an error case for each reason.
 */
export function buildJunit(facts: RunFacts, verdicts: readonly Verdict[]): string {
  const report = junit.newBuilder().name(clean(`holdfast ${facts.run.run}`))
  const about = (suite: TestSuite) =>
    suite.property('seed', String(facts.run.seed)).property('replay', clean(facts.replay))
  const reasons = runErrors(facts, verdicts)
  if (reasons.length > 0) {
    const suite = report
      .testSuite()
      .name('run')
      .timestamp(startOf(facts, undefined))
      .time(facts.durationMs / 1000)
    about(suite)
    for (const reason of reasons) addRunError(suite, reason)
  }
  for (const { label, window, verdicts: own } of judgedRecordings(facts, verdicts)) {
    const suite = report.testSuite().name(clean(label)).timestamp(startOf(facts, window?.start)).time(seconds(window))
    about(suite)
    for (const verdict of exercised(own)) addCase(suite, label, verdict)
  }
  return report.build()
}

function addCase(suite: TestSuite, label: string, verdict: Verdict): void {
  const { contract, promise, status, code, reason } = verdict
  const test = suite
    .testCase()
    .className(clean(`holdfast.${label}`))
    .name(clean(`${contract} ${promise}`))
  const message = clean(`${code}: ${promise} ${reason}`)
  const outcome = outcomes[status]
  if (outcome === 'failure') test.failure(message, status)
  else if (outcome === 'error') test.error(message, status)
  else if (outcome === 'skipped') test.skipped()
  // This format has no message for skipped cases, so every case has its reason in the output.
  // The library ends its CDATA at the second `]]>` of a text, so the text must have none.
  test.standardOutput(details(verdict).replaceAll(']]>', ']] >'))
}

interface RunError {
  readonly scenario: string
  readonly cause: Incomplete['cause'] | 'nothing-judged'
  readonly reason: string
}

/** Lists the reasons for an exit code that the cases for contracts do not explain. */
function runErrors(facts: RunFacts, verdicts: readonly Verdict[]): RunError[] {
  const reasons = incompleteness(facts).map(({ where, reason, ...rest }) => ({
    ...rest,
    reason: where ? `${where}: ${reason}` : reason,
  }))
  const isExplained = reasons.length > 0 || verdicts.some(({ status }) => /^(failure|error)$/.test(outcomes[status]))
  if (isExplained || runExitCode(facts.whole.records, verdicts) === 0) return reasons
  return [{ scenario: '', cause: 'nothing-judged', reason: 'No contract was judged.' }]
}

function addRunError(suite: TestSuite, { scenario, cause, reason }: RunError): void {
  const test = suite
    .testCase()
    .className('holdfast.run')
    .name(clean(scenario ? `${scenario}: ${cause}` : cause))
  test.error(clean(`${cause}: ${reason}`), cause)
}

function details(verdict: Verdict): string {
  const lines = [
    ['verdict', statusStyles[verdict.status].word],
    ['code', verdict.code],
    ['reason', verdict.reason],
    ['fault', verdict.fault || 'none'],
    ['observed', verdict.observed],
    ['bound', boundText(verdict)],
    ['source of the bound', verdict.bound?.source ?? ''],
    ['margin', marginText(verdict.margin)],
    ['documentation', verdict.reference],
    ['lines of journal.ndjson', journalLines(verdict.lines)],
  ]
  return lines
    .filter(([, value]) => value)
    .map(([key, value]) => clean(`${key}: ${value}`))
    .join('\n')
}

function seconds(window: { start: number; end: number } | undefined): number {
  return window ? Math.round(window.end - window.start) / 1000 : 0
}

/** Converts a time of the journal's clock to wall-clock time. */
function startOf(facts: RunFacts, at: number | undefined): string {
  const started = Date.parse(facts.run.startedAt)
  if (Number.isNaN(started)) return facts.run.startedAt
  return new Date(started + (at ?? facts.run.at) - facts.run.at).toISOString().slice(0, 19)
}
