import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { faultDocs, faultsPage } from './fault-docs/page.ts'

/* `node scripts/fault-docs.ts`: writes docs/faults.md from the catalogue of faults; a test tells when that is due. */
const root = dirname(dirname(fileURLToPath(import.meta.url)))
await writeFile(join(root, faultsPage), await faultDocs(root))
