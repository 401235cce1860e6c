import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { missingScenarios } from '../recording/plan.ts'
import { worstOf } from './severity.ts'
import type { Status, Verdict } from './verdict.ts'

/** The facts that decide an exit code. */
export interface RunResult {
  readonly statuses: readonly Status[]
  /** Harness errors, losses in the journal, and scenarios that did not run to their end. */
  readonly incomplete: boolean
  readonly interrupted: boolean
}

/**
 * 130: interrupted. 1: a contract failed or was late. 2: otherwise something is inconclusive or invalid, the run is
 * incomplete, or nothing was judged. 0: the rest.
 */
export function exitCode({ statuses, incomplete, interrupted }: RunResult): 0 | 1 | 2 | 130 {
  if (interrupted) return 130
  const worst = worstOf(statuses)
  if (worst === 'fail' || worst === 'late') return 1
  return incomplete || !(worst === 'pass' || worst === 'known') ? 2 : 0
}

/** The exit code of a recorded run, for run, check, summary, page and JUnit. */
export function runExitCode(records: readonly JournalRecord[], verdicts: readonly Pick<Verdict, 'status'>[]): number {
  const ends = scenarioEnds(records)
  return exitCode({
    statuses: verdicts.map(({ status }) => status),
    incomplete:
      records.some(({ kind }) => kind === 'rig' || kind === 'loss') ||
      ends.some((end) => !isWhole(end)) ||
      missingScenarios(records).length > 0,
    interrupted:
      ends.some((end) => end?.outcome === 'interrupted') ||
      records.some((record) => record.kind === 'rig' && record.interrupted === true),
  })
}

/** The end of each scenario that began; undefined where the recording stops before it. */
function scenarioEnds(records: readonly JournalRecord[]): (RecordOf<'scenario'> | undefined)[] {
  const edges = records.filter((record) => record.kind === 'scenario')
  return edges.flatMap((edge, index) => {
    if (edge.edge === 'end') return []
    const next = edges[index + 1]
    return [next?.edge === 'end' ? next : undefined]
  })
}

function isWhole(end: RecordOf<'scenario'> | undefined): boolean {
  return end?.outcome === 'completed' || end?.outcome === 'not-applicable'
}
