import type { RecordOf } from '../harness/record/records.ts'
import type { RunOutline, ScenarioWindow } from './run-facts.ts'

type Outcome = NonNullable<RecordOf<'scenario'>['outcome']>

/** `not-ended`: the journal stops within the scenario. `not-begun`: the scenario was planned and the run ended before it. */
export type EndedEarly = Exclude<Outcome, 'completed' | 'not-applicable'> | 'not-ended' | 'not-begun'

/** One reason why a run is incomplete, as harness/judge/exit-code.ts counts them. */
export interface Incomplete {
  /** '' for a harness error outside of every scenario's end. */
  readonly scenario: string
  readonly cause: EndedEarly
  readonly reason: string
  /** File and line of the scenario that threw; '' where there is none. */
  readonly where: string
}

/** Messages of all harness errors, each once. */
export function harnessErrors({ whole }: Pick<RunOutline, 'whole'>): string[] {
  return [...new Set(whole.of('rig').map(({ message }) => message))]
}

/** Scenarios that ended early or never began, in the order of the run. */
export function endedEarly({ run, scenarios }: Pick<RunOutline, 'run' | 'scenarios'>): Incomplete[] {
  const begun = new Set(scenarios.map(({ name }) => name))
  const missing = (run.scenarios ?? []).filter((name) => !begun.has(name))
  return [
    ...scenarios.flatMap(earlyEnd),
    ...missing.map((scenario) => {
      const reason = 'The scenario was planned; the run ended before it began.'
      return { scenario, cause: 'not-begun' as const, reason, where: '' }
    }),
  ]
}

/** Every reason why the run is incomplete; of none, the verdicts alone decide the exit code. */
export function incompleteness(facts: Pick<RunOutline, 'run' | 'scenarios' | 'whole'>): Incomplete[] {
  const errors = facts.whole.of('rig').map(({ message, interrupted }) => {
    const cause = interrupted === true ? ('interrupted' as const) : ('harness-error' as const)
    return { scenario: '', cause, reason: message, where: '' }
  })
  const once = new Map(errors.map((error) => [`${error.cause} ${error.reason}`, error]))
  return [...once.values(), ...endedEarly(facts)]
}

function earlyEnd({ name: scenario, outcome, reason, where }: ScenarioWindow): Incomplete[] {
  if (outcome === 'completed' || outcome === 'not-applicable') return []
  const cause = outcome ?? 'not-ended'
  const why = reason || (outcome ? 'The journal gives no reason.' : 'The journal stops before the end of the scenario.')
  return [{ scenario, cause, reason: why, where }]
}
