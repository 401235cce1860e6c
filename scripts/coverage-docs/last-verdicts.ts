import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { worstOf } from '../../harness/judge/verdict/severity.ts'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import { readJournal } from '../../harness/record/read-journal.ts'

const file = 'docs/last-verdicts.json'

/** The gravest verdict on a contract in the last recorded run that exercised it. */
const schema = z.record(z.string(), z.object({ status: z.string(), date: z.string(), kubernetes: z.string() }))
export type LastVerdicts = z.infer<typeof schema>

export async function lastVerdicts(root: string): Promise<LastVerdicts> {
  return schema.parse(JSON.parse(await readFile(join(root, file), 'utf8')))
}

/** Judges the journal of a run, and keeps its verdicts on each contract that it exercised. */
export async function recordVerdicts(root: string, folder: string): Promise<void> {
  const records = await readJournal(join(folder, 'journal.ndjson'))
  const run = records.find((record) => record.kind === 'run')
  const cluster = records.find((record) => record.kind === 'cluster')
  const date = (run?.startedAt ?? '').slice(0, 10)
  const kubernetes = cluster?.versions?.['kubernetes'] ?? ''
  const last: LastVerdicts = await lastVerdicts(root)
  const exercised = judgeJournal(records).filter(({ status }) => status !== 'not-exercised')
  for (const [id, verdicts] of Map.groupBy(exercised, ({ contract }) => contract)) {
    last[id] = { status: worstOf(verdicts.map((verdict) => verdict.status)), date, kubernetes }
  }
  const sorted = Object.fromEntries(Object.entries(last).toSorted(([a], [b]) => a.localeCompare(b)))
  await writeFile(join(root, file), `${JSON.stringify(sorted, undefined, 2)}\n`)
}
