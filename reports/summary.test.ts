import { expect, test } from 'vitest'
import { runFacts } from './run-facts.ts'
import { buildSummary, summarySchema } from './summary.ts'
import { SyntheticJournal } from './testing/synthetic-journal.ts'
import { syntheticRun } from './testing/synthetic-run.ts'
import { everyVerdict, noBound, syntheticVerdict } from './testing/synthetic-verdicts.ts'

const journal = syntheticRun()

test('the summary holds what a script needs, and fits its schema after a trip through JSON', () => {
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

test('what does not apply is null and never a zero', () => {
  const facts = runFacts(new SyntheticJournal().run().records)
  const summary = buildSummary(facts, [noBound(), syntheticVerdict({ margin: -Infinity, measured: NaN })])
  expect(summary.cluster).toBeNull()
  expect(summary.contracts).toMatchObject([
    { measured: null, bound: null, margin: null },
    { measured: null, margin: null },
  ])
})

test('all passed is exit code 0, an undecided one is 2', () => {
  expect(buildSummary(runFacts(journal), [syntheticVerdict()]).exitCode).toBe(0)
  expect(
    buildSummary(runFacts(journal), [syntheticVerdict(), syntheticVerdict({ status: 'inconclusive' })]).exitCode,
  ).toBe(2)
})

test('a rig that failed is 2 and an interrupted run 130, whatever was judged', () => {
  const failed = new SyntheticJournal().run().add({ kind: 'rig', message: 'the engine is gone' })
  expect(buildSummary(runFacts(failed.records), [syntheticVerdict()])).toMatchObject({
    exitCode: 2,
    rigTrouble: ['the engine is gone'],
  })
  const stopped = new SyntheticJournal().run().scenario('drain-node', (run) => run.wait(1), 'interrupted')
  expect(buildSummary(runFacts(stopped.records), [syntheticVerdict()]).exitCode).toBe(130)
})
