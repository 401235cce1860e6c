import { ZodError } from 'zod'
import { type Distribution, distribution } from '../../harness/judge/statistics/distribution.ts'
import { type Recording, recordings } from '../../harness/judge/recording/recording.ts'
import { phaseNames, type PhaseName, recoveries, type Recovery } from '../../harness/judge/faults/recovery.ts'
import { InconclusiveError } from '../../harness/judge/verdict/inconclusive.ts'
import type { RunFacts } from './run-facts.ts'

/** When a recovery step followed a fault, over all runs of the scenario. Milliseconds. */
export interface RecoveryRow extends Distribution {
  readonly scenario: string
  /** The fault without its machines, which may differ between runs. */
  readonly fault: string
  readonly phase: PhaseName
  /** The evidence from the last run, as an example. */
  readonly fact: string
}

/** A recovery step that no run of the scenario observed. */
export interface UnseenStep {
  readonly scenario: string
  readonly fault: string
  readonly phase: PhaseName
  /** The reason from the last run. */
  readonly reason: string
}

/** Returns one row for each scenario, fault and observed step, in the order of the run and of the steps. */
export function recoveryRows(facts: RunFacts): RecoveryRow[] {
  const seen = steps(facts, ({ phases }) => phases)
  return [...Map.groupBy(seen, ({ key }) => key).values()].flatMap((times) => {
    const last = times.at(-1)
    if (!last) return []
    const { scenario, fault, name: phase, fact } = last
    return [{ scenario, fault, phase, fact, ...distribution(times.map(({ afterMs }) => afterMs)) }]
  })
}

/** Returns the steps that were not observed, in the same order. */
export function unseenSteps(facts: RunFacts): UnseenStep[] {
  const seen = new Set(steps(facts, ({ phases }) => phases).map(({ key }) => key))
  const never = steps(facts, ({ unseen }) => unseen).filter(({ key }) => !seen.has(key))
  return [...Map.groupBy(never, ({ key }) => key).values()].flatMap((times) => {
    const last = times.at(-1)
    return last ? [{ scenario: last.scenario, fault: last.fault, phase: last.name, reason: last.reason }] : []
  })
}

interface Step {
  readonly key: string
  readonly scenario: string
  readonly fault: string
}

/** Steps of all runs of all scenarios; equal steps of several runs have the same `key`. */
function steps<T extends { readonly name: PhaseName }>(
  { whole }: RunFacts,
  of: (recovery: Recovery) => readonly T[],
): (T & Step)[] {
  const all = recordings(whole.records).flatMap((recording) =>
    recoveriesSeen(recording).flatMap((recovery, n) => {
      const { fault, target } = recovery.window
      const about = {
        n,
        scenario: recording.scenario,
        fault: [`${n + 1}.`, fault, target.component].filter(Boolean).join(' '),
      }
      return of(recovery).map((step) => ({ ...step, ...about, key: `${recording.scenario} ${n} ${step.name}` }))
    }),
  )
  const scenarios = [...new Set(all.map(({ scenario }) => scenario))]
  return all.toSorted(
    (a, b) =>
      scenarios.indexOf(a.scenario) - scenarios.indexOf(b.scenario) ||
      a.n - b.n ||
      phaseNames.indexOf(a.name) - phaseNames.indexOf(b.name),
  )
}

/** Data that can't be read removes only this part of the report. */
function recoveriesSeen(recording: Recording): Recovery[] {
  try {
    return recoveries(recording)
  } catch (error) {
    if (error instanceof InconclusiveError || error instanceof ZodError) return []
    throw error
  }
}
