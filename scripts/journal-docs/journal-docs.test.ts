import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { comments } from './comments.ts'
import { staleDocs } from './files.ts'
import { journalSchema } from './schema.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

test('the documentation is what the record kinds say', async () => {
  expect(await staleDocs(root)).toEqual([])
})

test('a comment belongs to the kind that follows it at once', () => {
  const source = `/** Of a part. */\nconst part = z.string()\n\n/**\n * Of a kind,\n * in two lines.\n */\nexport const kind = z.object({})\n\nexport const bare = z.object({})\n`
  expect([...comments([source])]).toEqual([['kind', 'Of a kind, in two lines.']])
})

test('a kind without a comment is refused', () => {
  expect(() => journalSchema(new Map())).toThrow('the record kind "run" has no doc comment')
})
