import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { judgeJournal } from '../../harness/contracts/judge-journal.ts'
import type { JournalRecord } from '../../harness/record/records.ts'
import { journalText, recordsOfText } from '../../harness/record/record-lines.ts'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import type { Line } from './thin.ts'

// A Node's rules are longer than gzip's window: zstd needs a fourth of the space.
const ending = '.ndjson.zst'
const params = {
  [constants.ZSTD_c_compressionLevel]: 19,
  [constants.ZSTD_c_windowLog]: 26,
  [constants.ZSTD_c_enableLongDistanceMatching]: 1,
}
const tableName = 'verdicts.json'

/** By scenario and contract: the status, followed by the code if there is one. */
export type VerdictTable = Readonly<Record<string, Readonly<Record<string, string>>>>

export function writeFixture(folder: string, scenario: string, lines: readonly Line[]): number {
  const packed = zstdCompressSync(journalText(lines), { params })
  writeFileSync(join(folder, `${scenario}${ending}`), packed)
  return packed.length
}

/** Reads a folder's journals, one per scenario, with the reader for journals of a run. */
export function readFixtures(folder: string): ReadonlyMap<string, readonly JournalRecord[]> {
  const names = readdirSync(folder).filter((name) => name.endsWith(ending))
  return new Map(
    names.map((name) => {
      const text = zstdDecompressSync(readFileSync(join(folder, name))).toString()
      const records = recordsOfText(join(folder, name), text)
      return [name.slice(0, -ending.length), records]
    }),
  )
}

export function readTable(folder: string): VerdictTable {
  return JSON.parse(readFileSync(join(folder, tableName), 'utf8')) as VerdictTable
}

/**
 * Judges every journal of the folder anew and writes the table: of what each scenario is meant to decide, what passes; and what
 * contracts give that none of the scenarios was meant to decide, as they came later.
 */
export function writeTable(folder: string): void {
  const fixtures = readFixtures(folder)
  const meant = meantBy(fixtures)
  const older = new Set([...meant.values()].flat())
  const table = [...fixtures].map(([scenario, records]) => {
    const own = judgeJournal(records).filter(({ contract, status }) =>
      older.has(contract) ? status === 'pass' && meant.get(scenario)?.includes(contract) : true,
    )
    return [scenario, Object.fromEntries(own.map((verdict) => [verdict.contract, formatOutcome(verdict)]))] as const
  })
  writeFileSync(join(folder, tableName), `${JSON.stringify(Object.fromEntries(table), null, 2)}\n`)
}

/** By scenario, the contracts that its run was meant to decide. */
export function meantBy(
  fixtures: ReadonlyMap<string, readonly JournalRecord[]>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    [...fixtures].map(([scenario, records]) => {
      const run = records.find(({ kind }) => kind === 'run')
      return [scenario, run?.kind === 'run' ? (run.contracts?.[scenario] ?? []) : []]
    }),
  )
}

/** Formats a verdict, as `pass NO_STALE_READ`. A contract without codes has only the status. */
export function formatOutcome({ status, code }: Verdict): string {
  return code === 'UNCODED' ? status : `${status} ${code}`
}
