import { globSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import type { Contract } from '../judge/contract.ts'
import { contracts } from './catalogue.ts'
import { judgeJournal } from './judge-journal.ts'
import * as sampleJournals from '../judge/testing/sample-journals.ts'
import { withWitness } from '../judge/testing/witness.ts'

test('every contract has a promise and a page of the documentation', () => {
  for (const { promise, reference, needs } of contracts) {
    expect(promise).toMatch(/^(?:[A-Z]|etcd |kube-proxy |kubectl ).*\.$/)
    expect(reference).toMatch(/^https:\/\/(kubernetes\.io\/docs|etcd\.io\/docs\/v3\.7)\//)
    expect(needs).toMatch(/^(?!.*\.$)\S.*/)
  }
})

test('every contract is the only one of its file, whose name begins with its id, and is in the catalogue', async () => {
  const files = globSync('**/*.ts', { cwd: import.meta.dirname, exclude: ['**/*.test.ts'] })
  const defined = new Map<string, Contract>()
  for (const file of files) {
    const [id] = /^[A-Z]+-\d+(?=-)/.exec(basename(file)) ?? []
    const exported = Object.values((await import(`./${file}`)) as Readonly<Record<string, unknown>>).filter(isContract)
    expect
      .soft(
        exported.map((contract) => contract.id),
        file,
      )
      .toEqual(id === undefined ? [] : [id])
    for (const contract of exported) defined.set(contract.id, contract)
  }
  expect(contracts.filter(({ id }, n) => contracts.findIndex((one) => one.id === id) !== n)).toEqual([])
  expect(new Set(contracts)).toEqual(new Set(defined.values()))
})

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'promise' in value

test.each(Object.entries(sampleJournals))('a sound %s passes every contract that it exercises', (_, sound) => {
  const verdicts = judgeJournal(withWitness(sound())).filter(({ status }) => status !== 'not-exercised')
  expect(verdicts.filter(({ status }) => status !== 'pass')).toEqual([])
  for (const { margin } of verdicts) if (margin !== undefined) expect(margin).toBeGreaterThanOrEqual(0)
})
