import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { faultDocs, faultsPage } from './page.ts'

test('docs/faults.md agrees with the catalogue (to generate it again: node scripts/fault-docs.ts)', async () => {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  expect(await readFile(join(root, faultsPage), 'utf8')).toBe(await faultDocs(root))
})
