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

/** @throws HoldfastError `HF_REPORT_NO_RUN` when the journal does not say which run it is. */
export function runFacts(journal: readonly JournalRecord[]): RunFacts {
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
  return {
    run,
    cluster: whole.of('cluster')[0],
    scenarios: scenarioWindows(whole, last),
    durationMs: last - run.at,
    replay: replayCommand(run.command, run.seed),
    whole,
    watches: watchRows(journal),
  }
}

function scenarioWindows(whole: Recording, last: number): ScenarioWindow[] {
  const edges = whole.of('scenario')
  return edges.flatMap((start, index) => {
    if (start.edge !== 'start') return []
    const next = edges.slice(index + 1).find(({ edge, name }) => edge === 'start' || name === start.name)
    const end = next?.edge === 'end' ? next : undefined
    return [
      { name: start.name, start: start.at, end: next?.at ?? last, outcome: end?.outcome, reason: end?.reason ?? '' },
    ]
  })
}

/** A seed that was drawn by the run itself is not on its command line, yet the same run needs it. */
function replayCommand(command: string, seed: number): string {
  if (/(^|\s)--seed(\s|=)/.test(command)) return command
  const throughNpm = /^npm\s/.test(command) && !/\s--(\s|$)/.test(command)
  return `${command}${throughNpm ? ' --' : ''} --seed ${seed}`
}
