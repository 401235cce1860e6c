import { copyFile, mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { $ } from '../harness/host/shell.ts'
import { contracts } from '../harness/contracts/catalogue.ts'
import { judgeJournal } from '../harness/contracts/judge-journal.ts'
import { readJournal } from '../harness/record/read-journal.ts'
import { isNightly } from '../harness/vitest/nightly.ts'
import { defaultScenarios, scenarios } from '../scenarios/index.ts'

/** Contracts that only further scenarios list: a run of the default ones need not decide them. */
function onlyFurther(): ReadonlySet<string> {
  const further = [...scenarios.values()].filter((one) => !defaultScenarios.includes(one))
  const listed = new Set(defaultScenarios.flatMap(({ contracts: ids = [] }) => ids))
  return new Set(further.flatMap(({ contracts: ids = [] }) => ids.filter((id) => !listed.has(id))))
}

test('at least one recording decides each contract of the catalogue', async () => {
  const verdicts = judgeJournal(await readJournal(join(inject('runFolder'), 'journal.ndjson')))
  const without = ['invalid', 'inconclusive', 'not-exercised']
  const decided = new Set(verdicts.filter(({ status }) => !without.includes(status)).map(({ contract }) => contract))
  const excused = isNightly ? new Set<string>() : onlyFurther()
  expect(contracts.map(({ id }) => id).filter((id) => !decided.has(id) && !excused.has(id))).toEqual([])
})

test('judging the journal again without an engine gives the same reports byte for byte', async () => {
  const run = inject('runFolder')
  await using elsewhere = await mkdtempDisposable(join(tmpdir(), 'holdfast-again-'))
  await copyFile(join(run, 'journal.ndjson'), join(elsewhere.path, 'journal.ndjson'))
  const env = { ...process.env, DOCKER_HOST: 'tcp://127.0.0.1:1' }
  await $({ env })`${process.execPath} harness/cli/main.ts report ${elsewhere.path}`
  for (const report of ['summary.json', 'junit.xml', 'index.html']) {
    const [then, again] = await Promise.all([run, elsewhere.path].map((folder) => readFile(join(folder, report))))
    expect(again?.equals(then ?? Buffer.of()), report).toBe(true)
  }
})
