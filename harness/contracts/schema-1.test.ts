import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { readFixtures, readTable, wordsOf } from '../../scripts/thin-journal/fixtures.ts'
import { scenarios } from '../../scenarios/index.ts'
import { judgeJournal } from './judge-journal.ts'

/*
 * Thinned journals of schema 1, written by the Holdfast version of that time. scripts/thin-journal.ts writes the table.
 */

const folder = fileURLToPath(new URL('../../suites/fixtures/schema-1', import.meta.url))
const fixtures = readFixtures(folder)
const table = readTable(folder)

/** Scenarios that are newer than schema 1. */
const newer = ['restart-kubelet']

test('every scenario of the time of schema 1 has a journal, and its contracts have an entry', () => {
  const known = [...scenarios.keys()].filter((name) => !newer.includes(name))
  expect([...fixtures.keys()].toSorted()).toEqual(known.toSorted())
  for (const [name, records] of fixtures) {
    const decided = Object.keys(table[name] ?? {})
    expect(decided.length).toBeGreaterThan(4)
    const contracts = { [name]: expect.arrayContaining(decided) as string[] }
    expect(records[0]).toMatchObject({ kind: 'run', schema: 1, scenarios: [name], contracts })
  }
})

test.each([...fixtures])('%s of schema 1 still passes the contracts that it was meant to decide', (name, records) => {
  const verdicts = judgeJournal(records)
  const expected = Object.entries(table[name] ?? {})
  const got = expected.map(([contract, words]) => {
    const verdict = verdicts.find((one) => one.contract === contract && one.scenario === name)
    if (!verdict) return [contract, 'no verdict']
    // An entry without a code dates from a time when the contract had none.
    return [contract, words.includes(' ') ? wordsOf(verdict) : verdict.status]
  })
  expect(got).toEqual(expected)
})
