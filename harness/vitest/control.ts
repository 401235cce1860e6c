import { expect, test } from 'vitest'
import { judgeJournal } from '../contracts/judge-journal.ts'
import type { PlayedScenario } from './contract.ts'
import type { Doctor } from './doctored/doctor.ts'

/**
 * A test that a contract's judge notices: the run's own recording, with one fact changed, has to break the promise for that reason: a finding
 * code, one of several, or a pattern of the sentence.
 */
export function control(
  id: string,
  played: PlayedScenario,
  what: string,
  doctor: Doctor,
  reason: string | readonly string[] | RegExp,
): void {
  test(`${id} on ${played.scenario} is broken where ${what}`, async () => {
    const [verdict] = judgeJournal(doctor(await played.records()), { contracts: [id] })
    expect(verdict?.status, verdict?.reason).toMatch(/^(fail|late)$/)
    if (reason instanceof RegExp) expect(verdict?.reason).toMatch(reason)
    else expect([reason].flat(), verdict?.reason).toContain(verdict?.code)
  })
}
