import { execFile } from 'node:child_process'
import { copyFile, mkdtempDisposable, readFile, readdir } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
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

test('judged again from its journal alone, with no engine in reach, a run has the same reports byte for byte', async () => {
  const run = inject('runFolder')
  await using elsewhere = await mkdtempDisposable(join(tmpdir(), 'holdfast-again-'))
  await copyFile(join(run, 'journal.ndjson'), join(elsewhere.path, 'journal.ndjson'))
  await promisify(execFile)(process.execPath, ['harness/cli/main.ts', 'report', elsewhere.path], {
    env: { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1' },
  })
  for (const report of ['summary.json', 'junit.xml', 'index.html']) {
    const [then, again] = await Promise.all([run, elsewhere.path].map((folder) => readFile(join(folder, report))))
    expect(again?.equals(then ?? Buffer.of()), report).toBe(true)
  }
})
