import { join } from 'node:path'
import { assert, inject, test } from 'vitest'
import { contracts } from '../contracts/catalogue.ts'
import { judgeJournal } from '../contracts/judge-journal.ts'
import { inText } from '../judge/history/draw.ts'
import { contractById } from '../judge/judge.ts'
import { recordings } from '../judge/recording/recording.ts'
import type { Verdict } from '../judge/verdict/verdict.ts'
import { readJournal } from '../record/read-journal.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Scenario } from '../run/scenario.ts'
import { type ContractTest, testOutcome } from './contract-tests.ts'

/** The recording of a scenario in this test run, read when the first test needs it. */
export interface RecordedScenario {
  readonly scenario: string
  /** Its records, with those of run and cluster from before. */
  records(): Promise<readonly JournalRecord[]>
}

let journal: Promise<readonly JournalRecord[]> | undefined

export function recording({ name }: Scenario): RecordedScenario {
  return {
    scenario: name,
    records: async () => {
      const found = recordings(await read()).find(({ scenario }) => scenario === name)
      if (!found) throw new Error(`${name} was not recorded`)
      return found.records
    },
  }
}

/** Every verdict on the recordings of this test run. */
export async function runVerdicts(): Promise<readonly Verdict[]> {
  return judgeJournal(await read())
}

function read(): Promise<readonly JournalRecord[]> {
  journal ??= readJournal(join(inject('runFolder'), 'journal.ndjson'))
  return journal
}

/** A test that fails with code and reason unless the contract passes; `not-applicable` skips it with its reason. */
export function testContract({ contract, verdicts }: ContractTest): void {
  const { promise } = contractById(contract, contracts)
  test(`${contract}: ${promise}`, ({ skip }) => {
    assert(verdicts.length > 0, `NO_VERDICT: the run has no verdict on ${contract}.`)
    const outcomes = verdicts.map((verdict) => ({ ...testOutcome(verdict), drawing: verdict.drawing }))
    const failed = outcomes.filter(({ outcome }) => outcome === 'fail')
    const reported = failed.map(({ message, drawing }) => (drawing ? `${message}\n${inText(drawing)}` : message))
    assert(failed.length === 0, reported.join('\n'))
    const skipped = outcomes.find(({ outcome }) => outcome === 'skip')
    if (skipped) skip(skipped.message)
  })
}
