import { assert, describe, test } from 'vitest'
import { runVerdicts, testContract } from '../harness/vitest/contract.ts'
import { contractTests, hostNoiseSkips } from '../harness/vitest/contract-tests.ts'
import { scenarios } from '../scenarios/index.ts'

/* One test for each contract on each scenario whose recording exercises it, and for each that a scenario is meant to decide. */

const tests = contractTests(await runVerdicts(), [...scenarios.values()])

describe.each([...tests])('%s', (_, ofScenario) => {
  for (const one of ofScenario) testContract(one)
})

test('few verdicts are skipped for measured host noise', () => {
  const { tooMany } = hostNoiseSkips([...tests.values()].flat())
  assert(tooMany === undefined, tooMany)
})
