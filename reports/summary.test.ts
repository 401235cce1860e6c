import { expect, test } from 'vitest'
import { runFacts } from './facts/run-facts.ts'
import { buildSummary, summarySchema } from './summary.ts'
import { SyntheticJournal } from './testing/synthetic-journal.ts'
import { syntheticRun } from './testing/synthetic-run.ts'
import { everyVerdict, noBound, syntheticVerdict } from './testing/synthetic-verdicts.ts'

const journal = syntheticRun()

test('the summary has the facts that scripts need, and matches its schema after a trip through JSON', () => {
  const summary = buildSummary(runFacts(journal), everyVerdict())
  expect(summarySchema.parse(JSON.parse(JSON.stringify(summary)))).toEqual(summary)
  expect(summary).toMatchObject({
    run: '2026-01-02-brave-otter',
    seed: 42,
    command: 'npm start',
    replay: 'npm start -- --seed 42',
    exitCode: 1,
  })
  expect(summary.counts).toEqual({
    pass: 2,
    fail: 1,
    late: 1,
    known: 1,
    invalid: 1,
    inconclusive: 1,
    'not-applicable': 1,
    'not-exercised': 0,
  })
  expect(summary.scenarios.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual([
    'kill-scheduler completed',
    'partition-etcd completed',
    'drain-node completed',
  ])
  expect(summary.cluster).toMatchObject({
    topology: 'ha',
    distribution: 'upstream',
    bootMs: 13_420,
    versions: { kubernetes: 'v1.37.2' },
  })
  expect(summary.contracts[0]).toMatchObject({
    contract: 'SCHED-14',
    verdict: 'pass',
    measured: 16_400,
    bound: { limit: 25_000, unit: 'ms' },
    margin: 0.344,
  })
})

test('values that do not apply are null, never zero', () => {
  const facts = runFacts(new SyntheticJournal().run().records)
  const summary = buildSummary(facts, [noBound(), syntheticVerdict({ margin: -Infinity, measured: NaN })])
  expect(summary.cluster).toBeNull()
  expect(summary.contracts).toMatchObject([
    { measured: null, bound: null, margin: null },
    { measured: null, margin: null },
  ])
})

test('harness errors and scenarios that ended early are listed once each, with file and line', () => {
  const run = new SyntheticJournal().run({ scenarios: ['drain-node', 'never-begun'] })
  run.add({ kind: 'rig', message: 'the engine is gone' }).add({ kind: 'rig', message: 'the engine is gone' })
  run.add({ kind: 'scenario', name: 'drain-node', edge: 'start' })
  const where = 'drain-node.ts:12'
  run.add({ kind: 'scenario', name: 'drain-node', edge: 'end', outcome: 'script-error', reason: 'x is not set', where })
  expect(buildSummary(runFacts(run.records), [syntheticVerdict()])).toMatchObject({
    exitCode: 2,
    harnessErrors: ['the engine is gone'],
    scenarios: [{ name: 'drain-node', outcome: 'script-error', where }],
    incomplete: [
      { scenario: '', cause: 'harness-error', reason: 'the engine is gone' },
      { scenario: 'drain-node', cause: 'script-error', reason: 'x is not set', where },
      { scenario: 'never-begun', cause: 'not-begun' },
    ],
  })
})

test('a verdict has its code, values and journal lines; verdicts not exercised are listed separately', () => {
  const finding = { code: 'TAKEOVER_LATE', values: { afterMs: 31_200, pods: ['a', 'b'] }, lines: [3, 17] }
  const idle = { status: 'not-exercised', code: 'NOT_EXERCISED' } as const
  const summary = buildSummary(runFacts(journal), [
    syntheticVerdict({ status: 'late', ...finding }),
    syntheticVerdict({ scenario: 'drain-node', ...idle }),
    syntheticVerdict({ contract: 'NODE-02', ...idle }),
    syntheticVerdict({ contract: 'NODE-02', scenario: 'drain-node', ...idle }),
  ])
  expect(summary.contracts).toMatchObject([{ contract: 'SCHED-14', ...finding }])
  expect(summary.notExercised).toEqual([
    { contract: 'SCHED-14', scenarios: ['drain-node'] },
    { contract: 'NODE-02', scenarios: ['kill-scheduler', 'drain-node'] },
  ])
  expect(summary.counts).toMatchObject({ late: 1, 'not-exercised': 3 })
  expect(summary.contractCounts).toMatchObject({ late: 1, 'not-exercised': 1 })
})
