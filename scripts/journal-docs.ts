import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeDocs } from './journal-docs/files.ts'

/* `node scripts/journal-docs.ts`: writes the journal's documentation from the record kinds; `npm run check` tells when that is due. */
await writeDocs(dirname(dirname(fileURLToPath(import.meta.url))))
