import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { contracts } from '../../harness/contracts/catalogue.ts'
import { chapter } from './chapter.ts'
import { coverageDocs, coveragePage } from './page.ts'
import { scenarioFaults } from './scenario-faults.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

test('docs/coverage.md agrees with its sources (to generate it again: node scripts/coverage-docs.ts)', async () => {
  expect(await readFile(join(root, coveragePage), 'utf8')).toBe(await coverageDocs(root))
})

test('each statement of the chapter has a contract, and each of these contracts exists', () => {
  const ids = new Set(contracts.map(({ id }) => id))
  for (const { statement, contracts: judging } of chapter) {
    expect(judging, statement).not.toEqual([])
    expect(judging.filter((id) => !ids.has(id))).toEqual([])
  }
})

test('finds the faults that a scenario calls', () => {
  expect(scenarioFaults(root, 'drain-node')).toEqual(expect.arrayContaining(['drain', 'lose-machine']))
  expect(scenarioFaults(root, 'worked-example')).toEqual([])
})
