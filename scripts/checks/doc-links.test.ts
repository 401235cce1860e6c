import { globSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { brokenLinks } from './doc-links.ts'

test('every link and path in the documentation leads somewhere', () => {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  const files = globSync(['*.md', 'docs/*.md'], { cwd: root })
  expect(files.length).toBeGreaterThan(5)
  expect(brokenLinks(root, files)).toEqual([])
})

test.for([
  ['a link to an absent file', '[a](absent.md)', ['absent.md']],
  ['a link to an absent heading', '[a](page.md#other)', ['page.md#other']],
  ['a path that does not exist', '`harness/absent.ts`', ['harness/absent.ts']],
  [
    'nothing broken',
    '[a](page.md#a-heading) [b](#a-heading) [c](https://example.com) `npm start` `reports/out/RUN`',
    [],
  ],
] as const)('finds %s', async ([, text, targets]) => {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-docs-'))
  try {
    await writeFile(join(root, 'page.md'), `# A heading\n\n${text}\n`)
    expect(brokenLinks(root, ['page.md']).map(({ target }) => target)).toEqual(targets)
  } finally {
    await rm(root, { recursive: true })
  }
})
