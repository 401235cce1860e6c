import type { Verdict } from '../judge/verdict/verdict.ts'
import type { Scenario } from '../run/scenario.ts'

/** One test of the suites: a contract on a scenario, with its verdicts on all recordings of it. */
export interface ContractTest {
  readonly contract: string
  /** Empty: the run has no verdict on a contract that the scenario lists, which is a failure. */
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

/** The prefix of a skip's message where the host, and not the cluster, was measured to be too slow. */
export const hostNoise = 'HOST_NOISE'

/** The largest share of verdicts that may be skipped for host noise. */
export const mostHostNoise = 0.05

/** The verdicts that measured host noise made inconclusive; a message where their share is too large. */
export function hostNoiseSkips(tests: Iterable<ContractTest>): {
  readonly skips: readonly Verdict[]
  readonly tooMany: string | undefined
} {
  const verdicts = [...tests].flatMap((one) => one.verdicts)
  const skips = verdicts.filter(isHostNoise)
  const isTooMany = skips.length > mostHostNoise * verdicts.length
  const list = skips.map(({ contract, scenario }) => `${contract} on ${scenario}`).join(', ')
  const tooMany = `${skips.length} of ${verdicts.length} verdicts are host-noise skips, more than ${mostHostNoise * 100} %: ${list}.`
  return { skips, tooMany: isTooMany ? tooMany : undefined }
}

/** Whether a verdict is inconclusive because of host noise, which a busy machine causes on a sound cluster. */
export function isHostNoise({ status, code }: Pick<Verdict, 'status' | 'code'>): boolean {
  return status === 'inconclusive' && code === hostNoise
}

/** How a verdict ends as a test. Only `pass` and `known` verdicts pass. */
export function testOutcome(verdict: Verdict): {
  readonly outcome: 'pass' | 'skip' | 'fail'
  readonly message: string
} {
  const { status, code, observed, bound, reason, values } = verdict
  if (status === 'pass' || status === 'known') return { outcome: 'pass', message: '' }
  if (status === 'not-applicable') return { outcome: 'skip', message: reason }
  if (isHostNoise(verdict)) return { outcome: 'skip', message: `${hostNoise}: ${reason} ${JSON.stringify(values)}` }
  const limit = bound ? `; bound ${bound.limit} ${bound.unit} (${bound.source})` : ''
  return { outcome: 'fail', message: `${code} (${status}): ${reason} Observed: ${observed}${limit}.` }
}
