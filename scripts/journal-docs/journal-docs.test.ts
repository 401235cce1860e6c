import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { comments } from './comments.ts'
import { staleDocs } from './files.ts'
import { journalSchema } from './schema.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

test('the documentation agrees with the record kinds', async () => {
  expect(await staleDocs(root)).toEqual([])
})

test('assigns a comment to the kind directly below it', () => {
  const source = `/** Of a part. */\nconst part = z.string()\n\n/**\n * Of a kind,\n * in two lines.\n */\nexport const kind = z.object({})\n\nexport const bare = z.object({})\n`
  expect([...comments([source])]).toEqual([['kind', 'Of a kind, in two lines.']])
})

test('refuses a kind without a comment', () => {
  expect(() => journalSchema(new Map())).toThrow('the record kind "run" has no doc comment')
})
