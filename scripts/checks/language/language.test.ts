import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { language } from '../language.ts'
import { idiomIn } from './idiom.ts'
import { oldNamesIn } from './identifiers.ts'
import { proseOf } from './prose.ts'

// Words of the old idiom stand alone here, where the check takes them for values.
const idiom = 'told'

/** What the check reports for one file. */
function checked(file: string, text: string, exempt: readonly string[] = []) {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-language-'))
  mkdirSync(dirname(join(folder.path, file)), { recursive: true })
  writeFileSync(join(folder.path, file), text)
  return language(folder.path, exempt)
}

const hit = (file: string, line: number) => ({
  ok: false,
  output: `${file}:${line}: "${idiom}": write report, record, state or show`,
})

describe('finds the old idiom', () => {
  test.each([
    ['in a line comment', 'a.ts', `\n// The client is ${idiom}.`, 2],
    ['in a block comment', 'a.ts', `/**\n * The client\n * is ${idiom}.\n */`, 3],
    ['in a string', 'a.ts', `const a = 1\nconst b = 'a client is ${idiom}'`, 2],
    ['in a test title', 'a.test.ts', `test('a client is ${idiom}', () => {})`, 1],
    ['in a template', 'a.ts', `const b = \`\${1} a\nclient is ${idiom} \${2}\``, 2],
    ['in JSX text', 'a.tsx', `const b = <p>\n  A client is ${idiom}.\n</p>`, 2],
    ['in Markdown', 'a.md', `# A\n\nA client is ${idiom}.`, 3],
    ['in a comment of Go', 'a.go', `package a\n// A client is ${idiom}.`, 2],
    ['in a string of Go', 'a.go', `a := "A client is ${idiom}"`, 1],
    ['between values', 'a.ts', `const b = \`\${1} ${idiom} \${2}\``, 1],
  ])('%s', (_, file, text, line) => expect(checked(file, text)).toEqual(hit(file, line)))
})

describe('passes over', () => {
  test.each([
    ['identifiers of JSON', 'a.ts', `const a = { '${idiom}': 1 }`],
    ['values', 'a.ts', `const a = '${idiom}'`],
    ['identifiers of Go', 'a.go', `${idiom} := "${idiom}"`],
    ['parts of words', 'a.ts', `// ${idiom}er, re-${idiom}`],
    ['code in comments', 'a.ts', `// The field \`${idiom}\` is a list.`],
    ['code blocks', 'a.md', `\`\`\`sh\n${idiom}\n\`\`\``],
    ['addresses', 'a.md', `[a page](https://example.org/${idiom})`],
    ['comments of Markdown', 'a.md', `<!-- ${idiom} -->`],
  ])('%s', (_, file, text) => expect(checked(file, text)).toEqual({ ok: true, output: '' }))

  test('an exempt folder, and no other of a similar name', () => {
    expect(checked('old/a.md', idiom, ['old'])).toMatchObject({ ok: true })
    expect(checked('older/a.md', idiom, ['old'])).toMatchObject({ ok: false })
  })
})

describe('finds an old name', () => {
  test.each([
    ['of a variable', 'const askEveryMs = 1'],
    ['of a type', 'interface ToldByAll {}'],
    ['of a field', 'const a = { lastHeard: 1 }'],
    ['of a private member', 'class A { #look() {} }'],
    ['of an import', `import { isOurs } from './a.ts'`],
  ])('%s', (_, text) =>
    expect(oldNamesIn('a.ts', text)).toEqual([expect.stringMatching(/^a\.ts:1: name ".*": write /)]),
  )

  test('once in a file, with its first line', () => {
    expect(oldNamesIn('a.ts', `\nlet apart = 1\napart = 2`)).toEqual(['a.ts:2: name "apart": write standalone'])
  })

  test('in a file of the tree', () => {
    expect(checked('a.ts', `const ${idiom} = 1`)).toMatchObject({ ok: false })
  })
})

describe('accepts a name', () => {
  test.each([
    ['that contains an old word', 'a.ts', 'const task = basket'],
    ['of a code', 'a.ts', 'const a = { STOPPED_ASKING: 1 }'],
    ['of a journal field, in its file', 'PROXY-01.ts', 'const looks = 1'],
    ['in Markdown', 'a.md', 'apart = 1'],
  ])('%s', (_, file, text) => expect(oldNamesIn(file, text)).toEqual([]))
})

test('finds a phrase over two lines of a comment', () => {
  const phrase = ['is', 'none'].join('\n * ')
  expect(idiomIn('a.ts', `/*\n * It ${phrase}. */`)).toEqual([expect.stringMatching(/^a\.ts:2: "is none": write /)])
})

test('finds words in any case', () => {
  expect(idiomIn('a.md', idiom.toUpperCase())).toHaveLength(1)
})

test('prose keeps its place', () => {
  const text = `const a = 'one two' // three`
  expect(proseOf('a.ts', text)).toBe(`          'one two' // three`)
})

test('refuses a file that does not parse', () => {
  expect(() => proseOf('a.ts', 'const')).toThrow('a.ts: ')
})
