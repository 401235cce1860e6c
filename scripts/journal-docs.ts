import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDocs } from './journal-docs/files.ts'

/* Writes the journal's documentation from the record kinds. `npm run check` fails when it is stale. */
await writeDocs(dirname(dirname(fileURLToPath(import.meta.url))))
