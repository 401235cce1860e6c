import { lossSentence } from '../../harness/judge/recording/loss.ts'
import { missingScenarios } from '../../harness/judge/recording/plan.ts'
import type { LossCause, RecordOf } from '../../harness/record/records.ts'
import { journalLines } from '../text/journal-lines.ts'
import type { RunOutline, ScenarioWindow } from './run-facts.ts'

type Outcome = NonNullable<RecordOf<'scenario'>['outcome']>

/** `not-ended`: the journal stops within the scenario. `not-begun`: the run ended before this planned scenario. */
export type EndedEarly = Exclude<Outcome, 'completed' | 'not-applicable'> | 'not-ended' | 'not-begun'

/** One reason why a run is incomplete, as harness/judge/verdict/exit-code.ts counts them. */
export interface Incomplete {
  /** '' for a harness error that ended no scenario, and for a journal loss. */
  readonly scenario: string
  readonly cause: EndedEarly | 'journal-loss'
  readonly reason: string
  /** File and line of the scenario that threw; '' where it threw nothing. */
  readonly where: string
}

/** Returns the distinct messages of all harness errors. */
export function harnessErrors({ whole }: Pick<RunOutline, 'whole'>): string[] {
  return [...new Set(whole.of('rig').map(({ message }) => message))]
}

/** Lists missing and changed lines of the journal: one reason for each kind of loss. */
export function journalLosses({ whole }: Pick<RunOutline, 'whole'>): Incomplete[] {
  const byCause = Map.groupBy(whole.of('loss'), ({ cause }): LossCause => cause)
  return [...byCause].map(([cause, losses]) => {
    const lines = [...new Set(losses.map(({ line }) => line))].sort((a, b) => a - b)
    const reason = lossSentence(cause, `${lines.length === 1 ? 'line' : 'lines'} ${journalLines(lines)}`)
    return { scenario: '', cause: 'journal-loss', reason, where: '' }
  })
}

/** Lists scenarios that ended early or never began, in the order of the run. */
export function endedEarly({ scenarios, whole }: Pick<RunOutline, 'scenarios' | 'whole'>): Incomplete[] {
  return [
    ...scenarios.flatMap(earlyEnd),
    ...missingScenarios(whole.records).map(({ scenario, repetition }) => {
      const time = repetition === 1 ? '' : ` (repetition ${repetition})`
      const reason = `The run planned this scenario${time}, and the journal has no record of it.`
      return { scenario, cause: 'not-begun' as const, reason, where: '' }
    }),
  ]
}

/** Lists every reason why the run is incomplete. With no reason, the verdicts alone decide the exit code. */
export function incompleteness(facts: Pick<RunOutline, 'scenarios' | 'whole'>): Incomplete[] {
  const errors = facts.whole.of('rig').map(({ message, interrupted }) => {
    const cause = interrupted === true ? ('interrupted' as const) : ('harness-error' as const)
    return { scenario: '', cause, reason: message, where: '' }
  })
  const once = new Map(errors.map((error) => [`${error.cause} ${error.reason}`, error]))
  return [...journalLosses(facts), ...once.values(), ...endedEarly(facts)]
}

function earlyEnd({ name: scenario, outcome, reason, where }: ScenarioWindow): Incomplete[] {
  if (outcome === 'completed' || outcome === 'not-applicable') return []
  const cause = outcome ?? 'not-ended'
  const why = reason || (outcome ? 'The journal gives no reason.' : 'The journal stops before the end of the scenario.')
  return [{ scenario, cause, reason: why, where }]
}
