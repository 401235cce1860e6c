import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { syntheticRun } from './testing/synthetic-run.ts'
import { everyVerdict, syntheticVerdict } from './testing/synthetic-verdicts.ts'
import { writeReports } from './write-reports.ts'

const journal = syntheticRun(5000)
let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'holdfast-reports-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('writes three reports and no other files, the same each time', async () => {
  await writeFile(join(folder, 'journal.ndjson'), '')
  const paths = await writeReports(folder, journal, everyVerdict())
  const first = await Promise.all(Object.values(paths).map((path: string) => readFile(path, 'utf8')))
  expect(await writeReports(folder, journal, everyVerdict())).toEqual(paths)
  const second = await Promise.all(Object.values(paths).map((path: string) => readFile(path, 'utf8')))
  expect(second).toEqual(first)
  expect((await readdir(folder)).toSorted()).toEqual(['index.html', 'journal.ndjson', 'junit.xml', 'summary.json'])
})

test('newer reports replace older ones', async () => {
  await writeReports(folder, journal, everyVerdict())
  const { summary } = await writeReports(folder, journal, [syntheticVerdict()])
  expect(JSON.parse(await readFile(summary, 'utf8'))).toMatchObject({ exitCode: 0, counts: { pass: 1, fail: 0 } })
})

test('a missing folder is an error with a code and a hint', async () => {
  await expect(writeReports(join(folder, 'absent'), journal, [])).rejects.toMatchObject({
    code: 'HF_REPORT_WRITE',
    hint: expect.stringContaining('holdfast report'),
  })
})
