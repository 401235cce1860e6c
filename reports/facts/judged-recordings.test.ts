import { expect, test } from 'vitest'
import { judgedRecordings } from './judged-recordings.ts'
import { runFacts } from './run-facts.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'
import { syntheticVerdict } from '../testing/synthetic-verdicts.ts'

const journal = new SyntheticJournal().run()
for (const name of ['drain-node', 'kill-scheduler', 'drain-node']) journal.scenario(name, (run) => run.wait(10))
const facts = runFacts(journal.records)
const on = (contract: string, scenario: string, code: string, repetition?: number) =>
  syntheticVerdict({ contract, scenario, code, ...(repetition === undefined ? {} : { repetition }) })

test('a verdict belongs to the recording that it names, in any order of verdicts', () => {
  const recordings = judgedRecordings(facts, [
    on('A', 'drain-node', 'A3', 2),
    on('A', 'kill-scheduler', 'A2'),
    on('A', 'drain-node', 'A1', 1),
    on('B', 'drain-node', 'B2', 2),
    on('B', 'drain-node', 'B1', 1),
  ])
  expect(recordings.map(({ label, verdicts }) => [label, verdicts.map(({ code }) => code)])).toEqual([
    ['drain-node (1)', ['A1', 'B1']],
    ['kill-scheduler', ['A2']],
    ['drain-node (2)', ['A3', 'B2']],
  ])
  expect(recordings.map(({ window }) => window)).toEqual(facts.scenarios)
  expect(new Set(recordings.map(({ anchor }) => anchor)).size).toBe(3)
})

test('a planned scenario without a recording has verdicts and no window', () => {
  const recordings = judgedRecordings(facts, [on('A', 'never-begun', 'NOT_RECORDED'), on('A', '', 'NOT_RECORDED')])
  expect(recordings.slice(3)).toMatchObject([
    { label: 'never-begun', window: undefined, verdicts: [{ contract: 'A' }] },
    { label: 'no recording', window: undefined, verdicts: [{ contract: 'A' }] },
  ])
})
