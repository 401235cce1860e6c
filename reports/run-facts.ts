import { HoldfastError } from '../harness/errors.ts'
import { Recording } from '../harness/judge/recording.ts'
import type { JournalRecord, RecordOf } from '../harness/record/records.ts'
import { type WatchRow, watchRows } from './watch-rows.ts'

/** When a scenario ran, on the journal's clock. A scenario that never ended has no outcome and ends with the journal. */
export interface ScenarioWindow {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly outcome: RecordOf<'scenario'>['outcome']
  readonly reason: string
  /** File and line of the scenario that threw; '' where there is none. */
  readonly where: string
}

/** What every report says of a run, whatever was judged. */
export interface RunFacts {
  readonly run: RecordOf<'run'>
  /** Absent when the cluster never came up. */
  readonly cluster: RecordOf<'cluster'> | undefined
  readonly scenarios: readonly ScenarioWindow[]
  /** From the run's start to its last record. */
  readonly durationMs: number
  /** What to type to do it again, seed included. */
  readonly replay: string
  /** All records, by kind and in order. */
  readonly whole: Recording
  /** The recorder's own watches beside what etcd stored. */
  readonly watches: readonly WatchRow[]
}

/** All that says how a run ended. */
export type RunOutline = Pick<RunFacts, 'run' | 'scenarios' | 'durationMs' | 'whole'>

/** @throws HoldfastError `HF_REPORT_NO_RUN` when the journal does not say which run it is. */
export function runFacts(journal: readonly JournalRecord[]): RunFacts {
  const outline = runOutline(journal)
  const { run, whole } = outline
  const replay = replayCommand(run.command, run.seed)
  return { ...outline, cluster: whole.of('cluster')[0], replay, watches: watchRows(journal) }
}

/** What needs no look at watches and probes. @throws HoldfastError `HF_REPORT_NO_RUN` when the journal does not say which run it is. */
export function runOutline(journal: readonly JournalRecord[]): RunOutline {
  const whole = new Recording('', journal)
  const run = whole.of('run')[0]
  if (!run) {
    throw new HoldfastError(
      'HF_REPORT_NO_RUN',
      'The journal has no record of the run itself; expected one on its first line.',
      {
        hint: 'Check that the folder is a run of Holdfast and that the first line of its journal.ndjson is complete.',
      },
    )
  }
  let last = run.at
  for (const record of journal) last = Math.max(last, 'endedAt' in record ? record.endedAt : record.at)
  return { run, scenarios: scenarioWindows(whole, last), durationMs: last - run.at, whole }
}

function scenarioWindows(whole: Recording, last: number): ScenarioWindow[] {
  const edges = whole.of('scenario')
  return edges.flatMap((start, index) => {
    if (start.edge !== 'start') return []
    const next = edges[index + 1]
    const end = next?.edge === 'end' ? next : undefined
    const { outcome, reason = '', where = '' } = end ?? {}
    return [{ name: start.name, start: start.at, end: next?.at ?? last, outcome, reason, where }]
  })
}

/** A seed that was drawn by the run itself is not on its command line, yet the same run needs it. */
function replayCommand(command: string, seed: number): string {
  if (/(^|\s)--seed(\s|=)/.test(command)) return command
  const throughNpm = /^npm\s/.test(command) && !/\s--(\s|$)/.test(command)
  return `${command}${throughNpm ? ' --' : ''} --seed ${seed}`
}
