import { join } from 'node:path'
import type { Summary } from '../../../reports/summary.ts'
import { runsIn } from '../input/run-folder.ts'
import { readSummary } from '../output/run-summary.ts'

/** The newest run whose recordings exercised a contract, with the verdict on each. */
export interface LastExercised {
  readonly run: string
  readonly recordings: readonly { readonly scenario: string; readonly verdict: string; readonly code: string }[]
}

/** Codes of verdicts on recordings that did not exercise the contract, although they were meant to. */
const absent: ReadonlySet<string> = new Set(['NOT_RECORDED', 'STIMULUS_ABSENT', 'NOT_APPLICABLE', 'FAULT_REFUSED'])

/** Maps contracts to their last exercise. Reads runs from the newest, and skips runs without a summary of this version. */
export async function lastExercised(
  out: string,
  contracts: readonly string[],
): Promise<ReadonlyMap<string, LastExercised>> {
  const found = new Map<string, LastExercised>()
  for (const folder of runsIn(out).toReversed()) {
    if (contracts.every((id) => found.has(id))) break
    const summary = await readSummary(join(out, folder))
    if (summary) for (const [id, last] of exercisedIn(summary)) if (!found.has(id)) found.set(id, last)
  }
  return found
}

function exercisedIn({ run, contracts }: Summary): Map<string, LastExercised> {
  const judged = contracts.filter(({ code }) => !absent.has(code))
  return new Map(
    [...Map.groupBy(judged, ({ contract }) => contract)].map(([id, own]) => [
      id,
      { run, recordings: own.map(({ scenario, verdict, code }) => ({ scenario, verdict, code })) },
    ]),
  )
}

/** Formats as `pass on a, b; late on c (run x)`, or `never`. */
export function formatLastExercised(last: LastExercised | undefined): string {
  if (!last) return 'never'
  const byVerdict = Map.groupBy(last.recordings, ({ verdict }) => verdict)
  const parts = [...byVerdict].map(
    ([verdict, own]) => `${verdict} on ${own.map(({ scenario }) => scenario).join(', ')}`,
  )
  return `${parts.join('; ')} (run ${last.run})`
}
