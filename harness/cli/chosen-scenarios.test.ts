import { mkdtempDisposableSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, test } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import type { Scenario } from '../run/scenario.ts'
import { chosenScenarios } from './chosen-scenarios.ts'

/** What is chosen where a file has this text; its path reads FILE in what is said. */
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

const own = (fields: string): string => `export default { describe: '', topology: 'ha', play() {}, ${fields} }`

test('none named: all of the project, in their order', async () => {
  expect(await chosenScenarios([])).toEqual([...scenarios.values()])
})

test('one that is named twice is played once', async () => {
  expect((await chosenScenarios(['drain-node', 'drain-node'])).map(({ name }) => name)).toEqual(['drain-node'])
})

test('a file that is named twice, by other spellings or through a link, is played once', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-scenario-'))
  const file = join(folder.path, 'own.mjs')
  writeFileSync(file, own(`name: 'mine'`))
  symlinkSync(file, join(folder.path, 'link.mjs'))
  const spellings = [file, relative('', file), `${folder.path}/./own.mjs`, join(folder.path, 'link.mjs')]
  const chosen = await chosenScenarios(spellings)
  expect(chosen.map(({ name }) => name)).toEqual(['mine'])
})

test('a file is read, and played beside those of the project', async () => {
  const chosen = await fromFile(own(`name: 'mine', contracts: ['PROXY-02']`), 'drain-node')
  expect(chosen.map(({ name, file, contracts }) => [name, file, contracts])).toEqual([
    ['mine', 'FILE', ['PROXY-02']],
    ['drain-node', undefined, scenarios.get('drain-node')?.contracts],
  ])
})

describe('refused, before anything is touched', () => {
  test.each([
    [own(`name: 'Not A Name'`), 'FILE, its default export: name: expected lower-case letters'],
    [`export default { name: 'mine' }`, 'describe: expected a string, got undefined.'],
    [`export const mine = 1`, 'FILE, its default export: the whole: expected an object, got undefined.'],
    ['export defaul', "FILE can't be loaded: "],
    [own(`name: 'mine', contracts: ['PROXY-2']`), 'FILE: there is no contract "PROXY-2". Did you mean "PROXY-02"?'],
    [own(`name: 'mine', topology: 'hs'`), 'FILE: there is no topology "hs". Did you mean "ha"?'],
    [own(`name: 'mine', deadline: '0s'`), 'deadline: expected a time above 0 and at most 24h'],
    [own(`name: 'mine', deadline: '600h'`), 'deadline: expected a time above 0 and at most 24h'],
    [own(`name: 'mine', deadline: 'soon'`), 'deadline: expected a time above 0 and at most 24h'],
    [own(`name: 'drain-node'`), 'FILE: the name "drain-node" is taken by a scenario of the project.'],
  ])('%s', (text, said) => expect(fromFile(text)).rejects.toThrow(said))

  test('a file that is not there', () =>
    expect(chosenScenarios(['./nowhere.ts'])).rejects.toMatchObject({
      code: 'HF_USAGE',
      message: 'There is no file ./nowhere.ts.',
    }))
})
