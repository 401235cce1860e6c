import { ZodError } from 'zod'
import { type Distribution, distribution } from '../harness/judge/distribution.ts'
import { type Recording, recordings } from '../harness/judge/recording.ts'
import { phaseNames, type PhaseName, recoveries, type Recovery } from '../harness/judge/recovery.ts'
import { InconclusiveError } from '../harness/judge/inconclusive.ts'
import type { RunFacts } from './run-facts.ts'

/** How long a step of recovery took after a fault, over all times that the scenario was played. Milliseconds. */
export interface RecoveryRow extends Distribution {
  readonly scenario: string
  /** What was broken, without the machines: those may differ from time to time. */
  readonly fault: string
  readonly phase: PhaseName
  /** The fact of the last time, as an example. */
  readonly fact: string
}

/** A step of recovery that was not seen at any time that the scenario was played. */
export interface UnseenStep {
  readonly scenario: string
  readonly fault: string
  readonly phase: PhaseName
  /** Why, the last time. */
  readonly reason: string
}

/** One row for each scenario, fault and step that was seen: in the order of play, and of the steps. */
export function recoveryRows(facts: RunFacts): RecoveryRow[] {
  const seen = steps(facts, ({ phases }) => phases)
  return [...Map.groupBy(seen, ({ key }) => key).values()].flatMap((times) => {
    const last = times.at(-1)
    if (!last) return []
    const { scenario, fault, name: phase, fact } = last
    return [{ scenario, fault, phase, fact, ...distribution(times.map(({ afterMs }) => afterMs)) }]
  })
}

/** In the same order, what was not seen and why. */
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

/** Steps of every time that a scenario was played; those of one `key` are the same one. */
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

/** What can't be read decides nothing, and keeps nobody from reading the rest of the report. */
function recoveriesSeen(recording: Recording): Recovery[] {
  try {
    return recoveries(recording)
  } catch (error) {
    if (error instanceof InconclusiveError || error instanceof ZodError) return []
    throw error
  }
}
