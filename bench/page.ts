import { buildPage } from '../reports/html/page.ts'
import { runFacts } from '../reports/facts/run-facts.ts'
import { syntheticRun } from '../reports/testing/synthetic-run.ts'
import { everyVerdict } from '../reports/testing/synthetic-verdicts.ts'
import type { Figure } from './figures.ts'

/** Interval between records: makes about 200,000 records, as in a night. */
const everyMs = 13

/** Measures generating the page of a long run, from records in memory to the text of one file. */
export function benchPage({ runs }: { readonly runs: number }): Figure[] {
  const records = syntheticRun(everyMs)
  const pages = Array.from({ length: runs }, () => {
    const began = performance.now()
    const { length } = buildPage(runFacts(records), everyVerdict(1_015_000))
    return { seconds: (performance.now() - began) / 1000, megabytes: length / 1e6 }
  })
  return [
    { name: `page: ${records.length} records drawn`, unit: 's', values: pages.map(({ seconds }) => seconds) },
    { name: 'page: its size', unit: 'MB', values: pages.map(({ megabytes }) => megabytes) },
  ]
}
