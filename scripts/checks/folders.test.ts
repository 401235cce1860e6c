import { expect, test } from 'vitest'
import { folders, projectFiles } from './folders.ts'

const files = (count: number, name: string) => Array.from({ length: count }, (_, n) => `harness/one/${name}${n}`)
const named = (count: number, ending: string) => files(count, '').map((file) => file + ending)

test('counts the files of the project', () => {
  const all = projectFiles()
  expect(all).toEqual(expect.arrayContaining(['harness/cli/main.ts', 'docs/architecture.md', 'scripts/bootstrap.mjs']))
  expect(all.filter((file) => file.startsWith('reports/out'))).toEqual([])
})

test.each([
  ['21 files', named(21, '.ts'), 'harness/one has 21 files and 0 tests'],
  ['25 files with tests', [...named(13, '.ts'), ...named(12, '.test.ts')], 'harness/one has 13 files and 12 tests'],
])('refuses a folder of %s', (_, all, output) => {
  expect(folders(all)).toEqual({ ok: false, output: expect.stringContaining(output) as string })
})

test('accepts a folder at both limits, and files in sub-folders', () => {
  const below = named(30, '.ts').map((file, n) => file.replace('one/', `one/${n % 2}/`))
  expect(folders([...named(20, '.ts'), ...named(4, '.test.ts'), ...below])).toEqual({ ok: true, output: '' })
})
