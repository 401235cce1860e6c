import type { Verdict } from '../judge/verdict.ts'
import type { Scenario } from '../run/scenario.ts'

/** One test of the suites: a contract on a scenario, with its verdicts on all recordings of it. */
export interface ContractTest {
  readonly contract: string
  /** None: the run has no verdict on a contract that the scenario lists, which is a failure. */
  readonly verdicts: readonly Verdict[]
}

/** By scenario, a test for each contract that its recordings exercised, and for each that the scenario lists. */
export function contractTests(
  verdicts: readonly Verdict[],
  scenarios: readonly Pick<Scenario, 'name' | 'contracts'>[],
): ReadonlyMap<string, readonly ContractTest[]> {
  const found = new Map<string, Map<string, Verdict[]>>()
  const listOf = (scenario: string, contract: string): Verdict[] => {
    const ofScenario = found.get(scenario) ?? new Map<string, Verdict[]>()
    found.set(scenario, ofScenario)
    const list = ofScenario.get(contract) ?? []
    ofScenario.set(contract, list)
    return list
  }
  const listed = new Set(scenarios.flatMap(({ name, contracts = [] }) => contracts.map((id) => `${name} ${id}`)))
  for (const { name, contracts = [] } of scenarios) for (const id of contracts) listOf(name, id)
  for (const verdict of verdicts) {
    const { scenario, contract, status } = verdict
    if (status !== 'not-exercised' || listed.has(`${scenario} ${contract}`)) listOf(scenario, contract).push(verdict)
  }
  return new Map(
    [...found].map(([scenario, byContract]) => [
      scenario,
      [...byContract].map(([contract, own]) => ({ contract, verdicts: own })),
    ]),
  )
}

/** How a verdict ends as a test. Only a promise that was kept, or broken as a listed upstream issue says, passes. */
export function testOutcome({ status, code, observed, bound, reason }: Verdict): {
  readonly outcome: 'pass' | 'skip' | 'fail'
  readonly message: string
} {
  if (status === 'pass' || status === 'known') return { outcome: 'pass', message: '' }
  if (status === 'not-applicable') return { outcome: 'skip', message: reason }
  const limit = bound ? `; bound ${bound.limit} ${bound.unit} (${bound.source})` : ''
  return { outcome: 'fail', message: `${code} (${status}): ${reason} Observed: ${observed}${limit}.` }
}
