import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { pureFiles, purity } from './purity.ts'

/** Checks one file with this text. */
async function planted(text: string) {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-purity-'))
  cleanup.defer(() => rm(folder, { recursive: true }))
  const file = join(folder, 'planted.ts')
  await writeFile(file, text)
  return await purity([file])
}

test('checks the judge, the contracts and every file they import', () => {
  const files = pureFiles()
  expect(files).toEqual(
    expect.arrayContaining(['harness/judge/judge.ts', 'harness/contracts/catalogue.ts', 'harness/common/errors.ts']),
  )
  expect(files.filter((file) => /\.test\.ts$|\/testing\//.test(file))).toEqual([])
})

describe('finds a planted effect', () => {
  test.each([
    ['a clock', 'export const late = performance.now() > 20_000', 'no-restricted-globals'],
    ['a date', 'export const now = new Date()', 'no-restricted-globals'],
    ['randomness', 'export const odd = Math.random() > 0.5', 'no-restricted-properties'],
    ['randomness, destructured', 'export const { random } = Math', 'no-restricted-properties'],
    ['the environment', "export const home = process.env['HOME']", 'no-restricted-globals'],
    ['a global through globalThis', 'export const at = globalThis.Date.now()', 'no-restricted-globals'],
    ['a locale', "export const order = 'a'.localeCompare('b')", 'no-restricted-properties'],
    ['a file', "import { readFileSync } from 'node:fs'\nexport const a = readFileSync('/a')", 'no-nodejs-modules'],
    ['a file, by its bare name', "export { readFileSync } from 'fs'", 'no-nodejs-modules'],
    ['the host, by a dynamic import', "export const { cpus } = await import('node:os')", 'no-nodejs-modules'],
    ['a thread', "import { Worker } from 'node:worker_threads'\nexport const a = Worker", 'no-nodejs-modules'],
    ['a socket', "import { connect } from 'node:net'\nexport const a = connect", 'no-restricted-imports'],
  ])('%s', async (_, text, rule) => {
    const { ok, output } = await planted(text)
    expect(ok).toBe(false)
    expect(output).toContain(`(${rule})`)
    expect(output).toContain('1 problem')
  })
})

test('allows functions that read only their arguments', async () => {
  const text = [
    "import { isDeepStrictEqual } from 'node:util'",
    "import { BlockList } from 'node:net'",
    'interface Running { readonly process: string }',
    'export const same = (process: string, other: Running) => isDeepStrictEqual(process, other.process)',
    'export const listed = new BlockList(), most = Math.max(1, 2)',
  ]
  expect(await planted(text.join('\n'))).toMatchObject({ ok: true })
})
