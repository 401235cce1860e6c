import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runExitCode } from '../harness/judge/verdict/exit-code.ts'
import { severity } from '../harness/judge/verdict/severity.ts'
import type { Status } from '../harness/judge/verdict/verdict.ts'
import type { JournalRecord, RecordOf } from '../harness/record/records.ts'
import { buildPage } from './html/page.ts'
import { incompleteness } from './facts/incomplete.ts'
import { buildJunit } from './junit.ts'
import { runFacts } from './facts/run-facts.ts'
import { buildSummary } from './summary.ts'
import { SyntheticJournal } from './testing/synthetic-journal.ts'
import { syntheticVerdict } from './testing/synthetic-verdicts.ts'

/* Exit code, summary, page and JUnit agree on every way in which a run can end. */

type Outcome = NonNullable<RecordOf<'scenario'>['outcome']>
const outcomes: readonly Outcome[] = [
  'completed',
  'not-applicable',
  'refused',
  'script-error',
  'timed-out',
  'harness-error',
  'interrupted',
]

interface Ending {
  readonly outcome: Outcome | undefined
  readonly harnessError: boolean | undefined
  readonly planned: boolean
  readonly repeat: number
  readonly loss: boolean
}

/** `outcome` undefined: the journal stops in the scenario. `harnessError`: whether it is an interruption by the user. */
function journalOf({ outcome, harnessError, planned, repeat, loss }: Ending): JournalRecord[] {
  const scenarios = planned ? ['drain-node', 'never-begun'] : ['drain-node']
  const journal = new SyntheticJournal().run({ scenarios, repeat })
  if (loss) journal.add({ kind: 'loss', line: 2, cause: 'broken' })
  if (harnessError !== undefined) journal.add({ kind: 'rig', message: 'gone', interrupted: harnessError })
  journal.add({ kind: 'scenario', name: 'drain-node', edge: 'start' }).wait(10)
  if (outcome) journal.add({ kind: 'scenario', name: 'drain-node', edge: 'end', outcome })
  return journal.records
}

const endings = fc.record({
  outcome: fc.option(fc.constantFrom(...outcomes), { nil: undefined }),
  harnessError: fc.option(fc.boolean(), { nil: undefined }),
  planned: fc.boolean(),
  repeat: fc.integer({ min: 1, max: 2 }),
  loss: fc.boolean(),
})

/** The exit code that a build server derives from JUnit: 1 for failures, otherwise 2 for errors. */
function concluded(xml: string): 0 | 1 | 2 {
  const [, failures, errors] = xml.match(/<testsuites [^>]*failures="(\d+)" errors="(\d+)"/) ?? []
  if (Number(failures) > 0) return 1
  return Number(errors) > 0 ? 2 : 0
}

test('a run is reported as incomplete exactly when that decides the exit code', () => {
  fc.assert(
    fc.property(endings, (ending) => {
      const records = journalOf(ending)
      const incomplete = incompleteness(runFacts(records))
      expect(incomplete.length === 0).toBe(runExitCode(records, [{ status: 'pass' }]) === 0)
      expect(incomplete.some(({ cause }) => cause === 'interrupted')).toBe(runExitCode(records, []) === 130)
    }),
    { numRuns: 300 },
  )
})

test('summary, page and JUnit agree with the exit code, whatever was judged and however the run ended', () => {
  fc.assert(
    fc.property(endings, fc.subarray([...severity]), (ending, statuses: readonly Status[]) => {
      const facts = runFacts(journalOf(ending))
      const verdicts = statuses.map((status, index) =>
        syntheticVerdict({ scenario: 'drain-node', status, contract: `C-${index}` }),
      )
      const code = runExitCode(facts.whole.records, verdicts)
      expect(buildSummary(facts, verdicts).exitCode).toBe(code)
      expect(buildPage(facts, verdicts)).toContain(`<dt>Exit code</dt><dd>${code}</dd>`)
      const junit = concluded(buildJunit(facts, verdicts))
      if (code === 130) expect(junit).not.toBe(0)
      else expect(junit).toBe(code)
    }),
    { numRuns: 400 },
  )
})
