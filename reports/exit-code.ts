import { exitCode } from '../harness/judge/lattice.ts'
import type { Verdict } from '../harness/judge/verdict.ts'
import type { RunFacts } from './run-facts.ts'

/** The exit code that the run ended with: 130 interrupted, 2 when the rig itself failed, else what the verdicts say. */
export function runExitCode({ whole, scenarios }: RunFacts, verdicts: readonly Verdict[]): number {
  if (scenarios.some(({ outcome }) => outcome === 'interrupted')) return 130
  if (whole.of('rig').length > 0) return 2
  return exitCode(verdicts)
}
