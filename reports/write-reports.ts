import { join } from 'node:path'
import type { Verdict } from '../harness/judge/verdict/verdict.ts'
import type { JournalRecord } from '../harness/record/records.ts'
import { writeAtomically } from './atomic-write.ts'
import { buildPage } from './html/page.ts'
import { buildJunit } from './junit.ts'
import { runFacts } from './facts/run-facts.ts'
import { buildSummary } from './summary.ts'

/** Paths of a run's reports. */
export interface WrittenReports {
  readonly page: string
  readonly summary: string
  readonly junit: string
}

/**
 * Writes index.html, summary.json and junit.xml into a run's folder and replaces earlier ones. All three are built before the
 * first is written, so that the reports of a folder belong together.
 * @throws HoldfastError `HF_REPORT_NO_RUN` for a journal without a run record, `HF_REPORT_WRITE` when the folder can't be written.
 */
export async function writeReports(
  folder: string,
  journal: readonly JournalRecord[],
  verdicts: readonly Verdict[],
): Promise<WrittenReports> {
  const facts = runFacts(journal)
  const contents = {
    page: buildPage(facts, verdicts),
    summary: `${JSON.stringify(buildSummary(facts, verdicts), null, 2)}\n`,
    junit: buildJunit(facts, verdicts),
  }
  const paths = {
    page: join(folder, 'index.html'),
    summary: join(folder, 'summary.json'),
    junit: join(folder, 'junit.xml'),
  }
  await writeAtomically(paths.page, contents.page)
  await writeAtomically(paths.summary, contents.summary)
  await writeAtomically(paths.junit, contents.junit)
  return paths
}
