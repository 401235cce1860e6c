import type { JournalRecord } from '../../record/records.ts'

/** One planned repetition of a scenario. */
export interface PlannedScenario {
  readonly scenario: string
  /** From 1. */
  readonly repetition: number
}

/** The repetitions that the run's first record planned and the journal lacks, in the order of the plan. */
export function missingScenarios(journal: Iterable<JournalRecord>): PlannedScenario[] {
  const records = [...journal]
  const run = records.find((record) => record.kind === 'run')
  const edges = records.filter((record) => record.kind === 'scenario')
  const started = Map.groupBy(
    edges.filter(({ edge }) => edge === 'start'),
    ({ name }) => name,
  )
  const repetitions = Array.from({ length: run?.repeat ?? 1 }, (_, index) => index + 1)
  return repetitions.flatMap((repetition) =>
    (run?.scenarios ?? []).flatMap((scenario) => {
      // In journals without repetition numbers the n-th start is the n-th repetition.
      const own = (started.get(scenario) ?? []).map((start, index) => start.repetition ?? index + 1)
      return own.includes(repetition) ? [] : [{ scenario, repetition }]
    }),
  )
}
