import { ZodError } from 'zod'
import { type Distribution, distribution } from '../harness/judge/distribution.ts'
import { type Recording, recordings } from '../harness/judge/recording.ts'
import { phaseNames, type PhaseName, recoveries, type Recovery } from '../harness/judge/recovery.ts'
import { Undecided } from '../harness/judge/undecided.ts'
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

/** One row for each scenario, fault and step that was seen: in the order of play, and of the steps. */
export function recoveryRows({ whole }: RunFacts): RecoveryRow[] {
  const seen = recordings(whole.records).flatMap((recording) =>
    recoveriesSeen(recording).flatMap(({ window, phases }, n) =>
      phases.map(({ name, afterMs, fact }) => ({
        key: `${recording.scenario} ${n} ${name}`,
        n,
        scenario: recording.scenario,
        fault: [`${n + 1}.`, window.fault, window.target.component].filter(Boolean).join(' '),
        phase: name,
        afterMs,
        fact,
      })),
    ),
  )
  const scenarios = [...new Set(seen.map(({ scenario }) => scenario))]
  const inOrder = seen.toSorted(
    (a, b) =>
      scenarios.indexOf(a.scenario) - scenarios.indexOf(b.scenario) ||
      a.n - b.n ||
      phaseNames.indexOf(a.phase) - phaseNames.indexOf(b.phase),
  )
  return [...Map.groupBy(inOrder, ({ key }) => key).values()].flatMap((times) => {
    const last = times.at(-1)
    if (!last) return []
    const { scenario, fault, phase, fact } = last
    return [{ scenario, fault, phase, fact, ...distribution(times.map(({ afterMs }) => afterMs)) }]
  })
}

/** What can't be read decides nothing, and keeps nobody from reading the rest of the report. */
function recoveriesSeen(recording: Recording): Recovery[] {
  try {
    return recoveries(recording)
  } catch (error) {
    if (error instanceof Undecided || error instanceof ZodError) return []
    throw error
  }
}
