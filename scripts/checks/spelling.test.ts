import { mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { spelling } from './spelling.ts'

/** The outcome for one file with this text. */
async function checked(file: string, text: string) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-spelling-'))
  writeFileSync(join(folder.path, file), text)
  return await spelling(folder.path)
}

// Misspelt words are joined here, so that the check of this file does not find them.
const misspelt = ['rec', 'ie', 'ves'].join('')
const american = ['be', 'hav', 'ior'].join('')

test.each([
  ['a misspelt word in Markdown', 'a.md', `The client ${misspelt} it.`, misspelt],
  ['a misspelt word in a comment', 'a.ts', `// The client ${misspelt} it.`, misspelt],
  ['a misspelt part of an identifier', 'a.ts', `export const client_${misspelt}_it = 1`, misspelt],
  ['an American word', 'a.md', `Documented ${american}.`, american],
])('finds %s', async (_, file, text, word) => {
  const { ok, output } = await checked(file, text)
  expect(ok).toBe(false)
  expect(output).toContain(`${file}:1`)
  expect(output).toContain(`Unknown word (${word})`)
})

test('accepts British words and words of the project', async () => {
  expect(await checked('a.md', 'The documented behaviour of the kubelet.')).toMatchObject({ ok: true })
})
