import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Summary, summarySchema } from '../../../reports/summary.ts'

/** Reads a run's summary.json; undefined where it is absent or has another version. */
export async function readSummary(folder: string): Promise<Summary | undefined> {
  try {
    return summarySchema.safeParse(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))).data
  } catch {
    // Absent, unreadable or not JSON: `report` can write it again from the journal.
    return undefined
  }
}
