import { mkdirSync, readFileSync } from 'node:fs'
import { judgeJournal } from '../harness/contracts/judge-journal.ts'
import { journalText, recordsOfText } from '../harness/record/record-lines.ts'
import { formatOutcome, writeFixture, writeTable } from './thin-journal/fixtures.ts'
import { linesOf, type Line, ofScenario, type Thinning, thinned } from './thin-journal/thin.ts'

/*
 * node scripts/thin-journal.ts JOURNAL FOLDER: writes one fixture per scenario of a journal, as small as possible with the same
 * verdicts. node scripts/thin-journal.ts FOLDER: judges the fixtures of a folder again and writes their table.
 */

function main([first, second]: readonly string[]): void {
  if (first === undefined) throw new Error('Usage: node scripts/thin-journal.ts [JOURNAL] FOLDER')
  if (second !== undefined) thinJournal(first, second)
  writeTable(second ?? first)
}

function thinJournal(journal: string, folder: string): void {
  const lines = linesOf(readFileSync(journal, 'utf8'))
  mkdirSync(folder, { recursive: true })
  const whole = verdictsOf(lines)
  for (const [scenario, wanted] of whole) {
    const own = ofScenario(lines, scenario)
    const found = smallest(own, (less) => sameOutcomes(wanted, verdictsOf(less).get(scenario)))
    if (!found) throw new Error(`The verdicts of ${scenario} change when it is judged without the other scenarios.`)
    const bytes = writeFixture(folder, scenario, thinned(own, found))
    console.log(`${scenario}: ${JSON.stringify(found)}, ${Math.round(bytes / 1024)} KiB`)
  }
}

/** Finds the fewest decimals, then the fewest attempts, that leave all verdicts unchanged. */
function smallest(lines: readonly Line[], isSame: (less: readonly Line[]) => boolean): Thinning | undefined {
  const digits = [0, 1, 2, 6].find((some) => isSame(thinned(lines, { digits: some, every: 1 })))
  if (digits === undefined) return undefined
  const every = [4, 2].find((some) => isSame(thinned(lines, { digits, every: some }))) ?? 1
  return { digits, every }
}

type Outcomes = ReadonlyMap<string, string>

/** By scenario, then by contract, status and code. */
function verdictsOf(lines: readonly Line[]): ReadonlyMap<string, Outcomes> {
  const records = recordsOfText('journal.ndjson', journalText(lines))
  const byScenario = Map.groupBy(judgeJournal(records), ({ scenario }) => scenario)
  return new Map(
    [...byScenario].map(([name, own]) => [
      name,
      new Map(own.map((verdict) => [verdict.contract, formatOutcome(verdict)])),
    ]),
  )
}

function sameOutcomes(wanted: Outcomes, got: Outcomes | undefined): boolean {
  const other = [...wanted].filter(([contract, outcome]) => got?.get(contract) !== outcome)
  if (other.length > 0)
    console.log(`changed: ${other.map(([id, outcome]) => `${id} ${outcome} -> ${got?.get(id)}`).join(', ')}`)
  return other.length === 0
}

main(process.argv.slice(2))
