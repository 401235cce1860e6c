import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faultDocs, faultsPage } from './fault-docs/page.ts'

/* Writes docs/faults.md from the catalogue of faults. A test fails when the file is stale. */
const root = dirname(dirname(fileURLToPath(import.meta.url)))
await writeFile(join(root, faultsPage), await faultDocs(root))
