import { readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { contracts } from '../harness/contracts/catalogue.ts'
import { judge } from '../harness/judge/judge.ts'
import { readJournal } from '../harness/record/read-journal.ts'

/* What was listed was judged: a contract that nobody decided is not a contract that was kept. */

test('every contract of the catalogue was decided on at least one recording', async () => {
  const verdicts = judge(await readJournal(join(inject('runFolder'), 'journal.ndjson')))
  const decided = new Set(
    verdicts.filter(({ status }) => status !== 'invalid' && status !== 'inconclusive').map(({ contract }) => contract),
  )
  expect(contracts.map(({ id }) => id).filter((id) => !decided.has(id))).toEqual([])
})

test('every contract is listed in the suites, on every scenario that can decide it', async () => {
  const files = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.test.ts'))
  const texts = await Promise.all(files.map((name) => readFile(join(import.meta.dirname, name), 'utf8')))
  const listed = texts.flatMap((text) => {
    const scenarioOf = new Map(
      [...text.matchAll(/import (\w+) from '\.\.\/scenarios\/([\w-]+)\.ts'/g)].map(([, name, file]) => [name, file]),
    )
    const recordingOf = new Map(
      [...text.matchAll(/const (\w+) = recording\((\w+)\)/g)].map(([, name, from]) => [name, scenarioOf.get(from)]),
    )
    return [...text.matchAll(/contract\('([\w-]+)', (\w+)\)/g)].map(([, id, on]) => `${id} ${recordingOf.get(on)}`)
  })
  const wanted = contracts.flatMap(({ id, scenarios }) => scenarios.map((name) => `${id} ${name}`))
  expect(listed.toSorted()).toEqual(wanted.toSorted())
})

test('the same journal gives the same verdicts', async () => {
  const records = await readJournal(join(inject('runFolder'), 'journal.ndjson'))
  expect(JSON.stringify(judge(records))).toBe(JSON.stringify(judge(records)))
})
