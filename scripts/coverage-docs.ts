import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { coverageDocs, coveragePage } from './coverage-docs/page.ts'
import { recordVerdicts } from './coverage-docs/last-verdicts.ts'

/*
 * Writes docs/coverage.md from contracts, scenarios and negative controls. A test fails when the file is stale. An argument is a
 * run's folder: its verdicts become the last ones.
 */
const root = dirname(dirname(fileURLToPath(import.meta.url)))
for (const folder of process.argv.slice(2)) await recordVerdicts(root, folder)
await writeFile(join(root, coveragePage), await coverageDocs(root))
