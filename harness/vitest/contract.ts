import { join } from 'node:path'
import { assert, inject, test } from 'vitest'
import { contracts } from '../contracts/catalogue.ts'
import { judgeJournal } from '../contracts/judge-journal.ts'
import { inText } from '../judge/history/draw.ts'
import { contractById } from '../judge/judge.ts'
import { recordings } from '../judge/recording.ts'
import type { Verdict } from '../judge/verdict.ts'
import { readJournal } from '../record/read-journal.ts'
import type { JournalRecord } from '../record/records.ts'
import type { Scenario } from '../run/scenario.ts'

/** The recording of a scenario in this test run, read when the first test asks for it. */
export interface PlayedScenario {
  readonly scenario: string
  verdict(contract: string): Promise<Verdict>
  /** What was recorded of it, with what was known of run and cluster before. */
  records(): Promise<readonly JournalRecord[]>
}

let journal: Promise<readonly JournalRecord[]> | undefined
let verdicts: Promise<readonly Verdict[]> | undefined

export function recording({ name }: Scenario): PlayedScenario {
  return {
    scenario: name,
    verdict: async (contract) => {
      verdicts ??= read().then((records) => judgeJournal(records))
      const found = (await verdicts).find((one) => one.contract === contract && one.scenario === name)
      if (!found) throw new Error(`${contract} was not judged on ${name}`)
      return found
    },
    records: async () => {
      const found = recordings(await read()).find(({ scenario }) => scenario === name)
      if (!found) throw new Error(`${name} was not recorded`)
      return found.records
    },
  }
}

function read(): Promise<readonly JournalRecord[]> {
  journal ??= readJournal(join(inject('runFolder'), 'journal.ndjson')).then((records) => [...records])
  return journal
}

/**
 * A test that is as honest as the verdict: a broken or late promise is an assertion that failed; an undecided one is
 * trouble of another kind; one that does not apply is skipped with its reason.
 */
export function contract(id: string, played: PlayedScenario): void {
  const { promise } = contractById(id, contracts)
  test(`${id} on ${played.scenario}: ${promise}`, async ({ skip }) => {
    const { status, observed, bound, reason, drawing } = await played.verdict(id)
    const told = `${status}: ${reason} Observed ${observed}${bound ? `, bound ${bound.limit} ${bound.unit} (${bound.source})` : ''}.${drawing ? `\n${inText(drawing)}` : ''}`
    if (status === 'not-applicable') skip(reason)
    if (status === 'invalid' || status === 'inconclusive') throw new Error(told)
    assert(status === 'pass' || status === 'known', told)
  })
}
