import { expect, test } from 'vitest'
import { judgeJournal } from '../contracts/judge-journal.ts'
import type { RecordedScenario } from './contract.ts'
import type { JournalMutation } from './mutations/mutation.ts'

/**
 * A negative control: the run's recording with one fact changed has to fail the contract with one of the codes, or for
 * a matching reason.
 */
export function control(
  id: string,
  recorded: RecordedScenario,
  what: string,
  mutate: JournalMutation,
  expected: string | readonly string[] | RegExp,
): void {
  test(`${id} on ${recorded.scenario} fails where ${what}`, async () => {
    const [verdict] = judgeJournal(mutate(await recorded.records()), { contracts: [id] })
    expect(verdict?.status, verdict?.reason).toMatch(/^(fail|late)$/)
    if (expected instanceof RegExp) expect(`${verdict?.code} ${verdict?.reason}`).toMatch(expected)
    else expect([expected].flat(), verdict?.reason).toContain(verdict?.code)
  })
}
