import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Summary, summarySchema } from '../../reports/summary.ts'

/** A finished run's summary.json; undefined where the run left none, or one of another version. */
export async function readSummary(folder: string): Promise<Summary | undefined> {
  try {
    return summarySchema.safeParse(JSON.parse(await readFile(join(folder, 'summary.json'), 'utf8'))).data
  } catch {
    // Absent, unreadable or not JSON: the journal is the run's record, and a summary can be written again from it.
    return undefined
  }
}
