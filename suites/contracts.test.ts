import { assert, describe, test } from 'vitest'
import { runVerdicts, testContract } from '../harness/vitest/contract.ts'
import { contractTests, hostNoiseSkips } from '../harness/vitest/contract-tests.ts'
import { isNightly } from '../harness/vitest/nightly.ts'
import { defaultScenarios, scenarios } from '../scenarios/index.ts'

/* One test per contract and scenario, if the recording exercises the contract or the scenario lists it. */

const tests = contractTests(await runVerdicts(), isNightly ? [...scenarios.values()] : defaultScenarios)

describe.each([...tests])('%s', (_, ofScenario) => {
  for (const one of ofScenario) testContract(one)
})

test('few verdicts are skipped for measured host noise', () => {
  const { tooMany } = hostNoiseSkips([...tests.values()].flat())
  assert(tooMany === undefined, tooMany)
})
