import { globSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { comments } from './comments.ts'
import { journalSchema } from './schema.ts'
import { kindDocs } from './kind-docs.ts'

const page = 'docs/journal.md'
const schema = 'docs/journal.schema.json'
const from = '<!-- What follows is made from harness/record/kinds by scripts/journal-docs.ts. -->'

/** Returns the generated documentation by path from the root. */
async function docs(root: string): Promise<ReadonlyMap<string, string>> {
  const sources = globSync('harness/record/kinds/*.ts', { cwd: root }).toSorted()
  const texts = await Promise.all(sources.map((source) => readFile(join(root, source), 'utf8')))
  const described = journalSchema(comments(texts))
  const [byHand = ''] = (await readFile(join(root, page), 'utf8')).split(from)
  return new Map([
    [page, `${byHand}${from}\n\n${kindDocs(described)}`],
    [schema, `${JSON.stringify(described, null, 2)}\n`],
  ])
}

/** Returns the generated files that differ from the record kinds. */
export async function staleDocs(root: string): Promise<string[]> {
  const stale: string[] = []
  for (const [path, wanted] of await docs(root)) {
    const found = await readFile(join(root, path), 'utf8').catch(() => '')
    if (found !== wanted) stale.push(path)
  }
  return stale
}

export async function writeDocs(root: string): Promise<void> {
  for (const [path, text] of await docs(root)) await writeFile(join(root, path), text)
}
