import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { language } from '../language.ts'
import { idiomIn } from './idiom.ts'
import { proseOf } from './prose.ts'

// Words of the old idiom stand alone here, where the check takes them for values.
const told = 'told'

/** What the check reports for one file. */
function checked(file: string, text: string, exempt: readonly string[] = []) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-language-'))
  mkdirSync(dirname(join(folder.path, file)), { recursive: true })
  writeFileSync(join(folder.path, file), text)
  return language(folder.path, exempt)
}

const hit = (file: string, line: number) => ({
  ok: false,
  output: `${file}:${line}: "${told}": write report, record, state or show`,
})

describe('finds the old idiom', () => {
  test.each([
    ['in a line comment', 'a.ts', `\n// The client is ${told}.`, 2],
    ['in a block comment', 'a.ts', `/**\n * The client\n * is ${told}.\n */`, 3],
    ['in a string', 'a.ts', `const a = 1\nconst b = 'a client is ${told}'`, 2],
    ['in a test title', 'a.test.ts', `test('a client is ${told}', () => {})`, 1],
    ['in a template', 'a.ts', `const b = \`\${1} a\nclient is ${told} \${2}\``, 2],
    ['in JSX text', 'a.tsx', `const b = <p>\n  A client is ${told}.\n</p>`, 2],
    ['in Markdown', 'a.md', `# A\n\nA client is ${told}.`, 3],
    ['in a comment of Go', 'a.go', `package a\n// A client is ${told}.`, 2],
    ['in a string of Go', 'a.go', `a := "A client is ${told}"`, 1],
    ['between values', 'a.ts', `const b = \`\${1} ${told} \${2}\``, 1],
  ])('%s', (_, file, text, line) => expect(checked(file, text)).toEqual(hit(file, line)))
})

describe('passes over', () => {
  test.each([
    ['identifiers', 'a.ts', `const ${told} = 1`],
    ['values', 'a.ts', `const a = '${told}'`],
    ['identifiers of Go', 'a.go', `${told} := "${told}"`],
    ['parts of words', 'a.ts', `// ${told}er, re-${told}`],
    ['code in comments', 'a.ts', `// The field \`${told}\` is a list.`],
    ['code blocks', 'a.md', `\`\`\`sh\n${told}\n\`\`\``],
    ['addresses', 'a.md', `[a page](https://example.org/${told})`],
    ['comments of Markdown', 'a.md', `<!-- ${told} -->`],
  ])('%s', (_, file, text) => expect(checked(file, text)).toEqual({ ok: true, output: '' }))

  test('an exempt folder, and no other of a similar name', () => {
    expect(checked('old/a.md', told, ['old'])).toMatchObject({ ok: true })
    expect(checked('older/a.md', told, ['old'])).toMatchObject({ ok: false })
  })
})

test('finds a phrase over two lines of a comment', () => {
  const phrase = ['is', 'none'].join('\n * ')
  expect(idiomIn('a.ts', `/*\n * It ${phrase}. */`)).toEqual([expect.stringMatching(/^a\.ts:2: "is none": write /)])
})

test('finds words in any case', () => {
  expect(idiomIn('a.md', told.toUpperCase())).toHaveLength(1)
})

test('prose keeps its place', () => {
  const text = `const a = 'one two' // three`
  expect(proseOf('a.ts', text)).toBe(`          'one two' // three`)
})

test('refuses a file that does not parse', () => {
  expect(() => proseOf('a.ts', 'const')).toThrow('a.ts: ')
})
