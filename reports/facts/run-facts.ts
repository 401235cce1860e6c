import { HoldfastError } from '../../harness/common/errors.ts'
import { Recording } from '../../harness/judge/recording/recording.ts'
import type { JournalRecord, RecordOf } from '../../harness/record/records.ts'
import { type WatchRow, watchRows } from './watch-rows.ts'

/** One run of a scenario, on the journal's clock. Without a recorded end it has no outcome and ends with the journal. */
export interface ScenarioWindow {
  readonly name: string
  readonly start: number
  readonly end: number
  readonly outcome: RecordOf<'scenario'>['outcome']
  readonly reason: string
  /** File and line of the scenario that threw; '' where it threw nothing. */
  readonly where: string
}

/** Facts that all reports show, whatever was judged. */
export interface RunFacts {
  readonly run: RecordOf<'run'>
  /** Undefined when the cluster never became ready. */
  readonly cluster: RecordOf<'cluster'> | undefined
  readonly scenarios: readonly ScenarioWindow[]
  /** From the run's start to its last record. */
  readonly durationMs: number
  /** The command that repeats the run, with its seed. */
  readonly replay: string
  /** All records, by kind and in order. */
  readonly whole: Recording
  /** The recorder's watches compared with etcd. */
  readonly watches: readonly WatchRow[]
}

/** The facts that decide how a run ended. */
export type RunOutline = Pick<RunFacts, 'run' | 'scenarios' | 'durationMs' | 'whole'>

/** @throws HoldfastError `HF_REPORT_NO_RUN` when the journal has no run record. */
export function runFacts(journal: readonly JournalRecord[]): RunFacts {
  const outline = runOutline(journal)
  const { run, whole } = outline
  const replay = replayCommand(run.command, run.seed)
  return { ...outline, cluster: whole.of('cluster')[0], replay, watches: watchRows(journal) }
}

/** Facts that need neither watches nor probes. @throws HoldfastError `HF_REPORT_NO_RUN` when the journal has no run record. */
export function runOutline(journal: readonly JournalRecord[]): RunOutline {
  const whole = new Recording('', journal)
  const run = whole.of('run')[0]
  if (!run) {
    throw new HoldfastError(
      'HF_REPORT_NO_RUN',
      'The journal has no record of kind "run"; expected one on its first line.',
      {
        hint: 'Check that the folder is the folder of a run and that the first line of its journal.ndjson is complete.',
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

/** Adds the seed, unless the command line has one: a random seed is not on it. */
function replayCommand(command: string, seed: number): string {
  if (/(^|\s)--seed(\s|=)/.test(command)) return command
  const throughNpm = /^npm\s/.test(command) && !/\s--(\s|$)/.test(command)
  return `${command}${throughNpm ? ' --' : ''} --seed ${seed}`
}
