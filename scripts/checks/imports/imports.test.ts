import { describe, expect, test } from 'vitest'
import { root } from '../tool.ts'
import { importRules } from './imports.ts'
import { importsOf, readImports } from './read-imports.ts'

test('the project follows the rules', () => {
  const imports = importsOf(root)
  expect(imports.length).toBeGreaterThan(3_000)
  expect(importRules(imports)).toEqual({ ok: true, output: '' })
})

describe('finds a planted cycle', () => {
  const planted = (a: string, b: string) =>
    importRules([...readImports('harness/judge/a.ts', a), ...readImports('harness/judge/c/b.ts', b)])

  test.each([
    ['of code', "import { b } from './c/b.ts'", "import { a } from '../a.ts'"],
    ['of types', "import type { B } from './c/b.ts'", "export type { A } from '../a.ts'"],
    ['of an import that waits', "const b = () => import('./c/b.ts')", "export * from '../a.ts'"],
  ])('%s', (_, a, b) =>
    expect(planted(a, b)).toEqual({
      ok: false,
      output: 'These files import each other: harness/judge/a.ts -> harness/judge/c/b.ts -> harness/judge/a.ts',
    }),
  )
})

test('reads statements only, with their kinds', () => {
  const text = [
    "import type { A } from './type.ts'",
    "import { type B } from './runs.ts'",
    "import { type C, d } from './both.ts'",
    "import './bare.ts'",
    "import type, { e } from './named-type.ts'",
    "export type * from './types.ts'",
    "export { f } from './value.ts'",
    "// import { g } from './comment.ts'",
    "export const h = `\nimport { i } from './text.ts'`, j = import('./later.ts'), k = import(h)",
    "import l from 'a-package'",
  ].join('\n')
  const found = readImports('a/b.ts', text).map(({ to, typeOnly }) => `${to}${typeOnly ? ' (types)' : ''}`)
  expect(found.sort()).toEqual([
    'a/bare.ts',
    'a/both.ts',
    'a/later.ts',
    'a/named-type.ts',
    'a/runs.ts',
    'a/type.ts (types)',
    'a/types.ts (types)',
    'a/value.ts',
  ])
})

test('refuses a file with a syntax error', () => expect(() => readImports('a.ts', 'import { from')).toThrow(/^a\.ts: /))
