import { mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { defaultScenarios, scenarios } from '../../../scenarios/index.ts'
import type { Scenario } from '../../run/scenario.ts'
import { chosenScenarios } from './chosen-scenarios.ts'

/** Resolves a scenario file with this text; results and messages show its path as FILE. */
async function fromFile(text: string, ...more: string[]): Promise<readonly Scenario[]> {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-scenario-'))
  const file = join(folder.path, 'own.mjs')
  writeFileSync(file, text)
  try {
    return (await chosenScenarios([file, ...more])).map((one) =>
      one.file === undefined ? one : { ...one, file: one.file.replace(file, 'FILE') },
    )
  } catch (error) {
    throw new Error((error as Error).message.replace(file, 'FILE'), { cause: error })
  }
}

const own = (fields: string): string => `export default { describe: '', topology: 'ha', run() {}, ${fields} }`

test('no argument selects the default scenarios in order, and all selects every built-in one once', async () => {
  expect(await chosenScenarios([])).toEqual(defaultScenarios)
  expect(await chosenScenarios(['all', 'drain-node'])).toEqual([...scenarios.values()])
})

test('a scenario that is named twice runs once', async () => {
  expect((await chosenScenarios(['drain-node', 'drain-node'])).map(({ name }) => name)).toEqual(['drain-node'])
})

test('a file that is named by several paths, links included, runs once', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-scenario-'))
  const file = join(folder.path, 'own.mjs')
  writeFileSync(file, own(`name: 'mine'`))
  symlinkSync(file, join(folder.path, 'link.mjs'))
  const spellings = [file, relative('', file), `${folder.path}/./own.mjs`, join(folder.path, 'link.mjs')]
  const chosen = await chosenScenarios(spellings)
  expect(chosen.map(({ name }) => name)).toEqual(['mine'])
})

test('a scenario file runs beside a built-in scenario', async () => {
  const chosen = await fromFile(own(`name: 'mine', contracts: ['PROXY-02']`), 'drain-node')
  expect(chosen.map(({ name, file, contracts }) => [name, file, contracts])).toEqual([
    ['mine', 'FILE', ['PROXY-02']],
    ['drain-node', undefined, scenarios.get('drain-node')?.contracts],
  ])
})

describe('refuses before any side effect', () => {
  test.each([
    [own(`name: 'Not A Name'`), 'FILE: invalid default export: name: expected at most 59 lower-case letters'],
    [`export default { name: 'mine' }`, 'describe: expected a string, got undefined.'],
    [`export const mine = 1`, 'FILE: invalid default export: top level: expected an object, got undefined.'],
    ['export defaul', "FILE can't be loaded: "],
    [own(`name: 'mine', contracts: ['PROXY-2']`), 'FILE: there is no contract "PROXY-2". Did you mean "PROXY-02"?'],
    [own(`name: 'mine', topology: 'hs'`), 'FILE: there is no topology "hs". Did you mean "ha"?'],
    [own(`name: 'mine', deadline: '0s'`), 'deadline: expected a duration above 0 and at most 24h'],
    [own(`name: 'mine', deadline: '600h'`), 'deadline: expected a duration above 0 and at most 24h'],
    [own(`name: 'mine', deadline: 'soon'`), 'deadline: expected a duration above 0 and at most 24h'],
    [own(`name: 'drain-node'`), 'FILE: the name "drain-node" is already used by a built-in scenario.'],
  ])('%s', (text, message) => expect(fromFile(text)).rejects.toThrow(message))

  test('a file that does not exist', () =>
    expect(chosenScenarios(['./nowhere.ts'])).rejects.toMatchObject({
      code: 'HF_USAGE',
      message: 'There is no file ./nowhere.ts.',
    }))
})
