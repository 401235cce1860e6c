import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { meantBy, readFixtures, readTable, formatOutcome } from '../../scripts/thin-journal/fixtures.ts'
import { defaultScenarios } from '../../scenarios/index.ts'
import { judgeJournal } from './judge-journal.ts'

/*
 * Thinned journals of schema 1, written by the Holdfast version of that time. scripts/thin-journal.ts writes the table.
 */

const folder = fileURLToPath(new URL('../../suites/fixtures/schema-1', import.meta.url))
const fixtures = readFixtures(folder)
const table = readTable(folder)

/** Contracts that some scenario had to decide at the time of schema 1. Newer ones have an entry where a journal exercises them. */
const older = new Set([...meantBy(fixtures).values()].flat())

/** Default scenarios that are newer than schema 1. */
const newer = ['restart-kubelet']

test('every scenario of the time of schema 1 has a journal, and its contracts have an entry', () => {
  const known = defaultScenarios.map(({ name }) => name).filter((name) => !newer.includes(name))
  expect([...fixtures.keys()].toSorted()).toEqual(known.toSorted())
  for (const [name, records] of fixtures) {
    const decided = Object.keys(table[name] ?? {}).filter((id) => older.has(id))
    expect(decided.length).toBeGreaterThan(4)
    const contracts = { [name]: expect.arrayContaining(decided) as string[] }
    expect(records[0]).toMatchObject({ kind: 'run', schema: 1, scenarios: [name], contracts })
  }
})

test.each([...fixtures])('%s of schema 1 still gives the verdicts of the table', (name, records) => {
  const verdicts = judgeJournal(records)
  const expected = Object.entries(table[name] ?? {})
  const got = expected.map(([contract, words]) => {
    const verdict = verdicts.find((one) => one.contract === contract && one.scenario === name)
    if (!verdict) return [contract, 'no verdict']
    // An entry without a code dates from a time when the contract had none.
    return [contract, words.includes(' ') ? formatOutcome(verdict) : verdict.status]
  })
  expect(got).toEqual(expected)
  const added = verdicts.filter(
    ({ contract, scenario }) => scenario === name && !(contract in (table[name] ?? {})) && !older.has(contract),
  )
  expect(added.filter(({ status }) => status !== 'not-exercised')).toEqual([])
})
