import { expect, test } from 'vitest'
import { runFacts } from './run-facts.ts'
import { SyntheticJournal } from '../testing/synthetic-journal.ts'

test.each([
  ['npm start', 'npm start -- --seed 42'],
  ['npm start -- kill-scheduler', 'npm start -- kill-scheduler --seed 42'],
  ['holdfast run', 'holdfast run --seed 42'],
  ['holdfast run --seed 42', 'holdfast run --seed 42'],
  ['holdfast run --seed=42 drain-node', 'holdfast run --seed=42 drain-node'],
])('%s is repeated with %s', (command, replay) => {
  expect(runFacts(new SyntheticJournal().run({ command }).records).replay).toBe(replay)
})

test('a scenario without a recorded end ends with the journal and has no outcome', () => {
  const journal = new SyntheticJournal(0)
    .run()
    .wait(1000)
    .add({ kind: 'scenario', name: 'drain-node', edge: 'start' })
    .wait(3000)
    .add({ kind: 'step', name: 'last words' })
  const facts = runFacts(journal.records)
  expect(facts.scenarios).toEqual([
    { name: 'drain-node', start: 1000, end: 4000, outcome: undefined, reason: '', where: '' },
  ])
  expect(facts.durationMs).toBe(4000)
})

test('a repeated scenario has two windows', () => {
  const journal = new SyntheticJournal(0).run()
  for (let round = 0; round < 2; round++) journal.scenario('drain-node', (body) => body.wait(100))
  expect(runFacts(journal.records).scenarios.map(({ start, end }) => [start, end])).toEqual([
    [0, 200],
    [200, 400],
  ])
})

test('a journal without a run record has no report', () => {
  expect(() => runFacts([])).toThrow(expect.objectContaining({ code: 'HF_REPORT_NO_RUN' }))
})
