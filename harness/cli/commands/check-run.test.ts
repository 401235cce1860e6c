import { mkdtempDisposableSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { judgeJournal } from '../../contracts/judge-journal.ts'
import { runExitCode } from '../../judge/verdict/exit-code.ts'
import { killScheduler } from '../../judge/testing/sample-journals.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited } from '../../judge/testing/verdict.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { writeReports } from '../../../reports/write-reports.ts'
import { holdfastIn, layRun } from '../testing/holdfast.ts'

const sound = killScheduler()
const harnessError: JournalRecord = { kind: 'rig', at: start, message: 'the agent of worker1 is lost' }
const ended = (more: Partial<RecordOf<'scenario'>>): JournalRecord[] =>
  edited(sound, 'scenario', (record) => (record.edge === 'end' ? { ...record, ...more } : record))

/** Compares the exit code of a separate process with every report of the same run. */
test.each([
  ['no problem', sound, 0],
  ['a script that threw', ended({ outcome: 'script-error', reason: 'x is not set', where: 'mine.ts:12' }), 2],
  ['a harness error', [...sound, harnessError], 2],
  ['an interrupted run', ended({ outcome: 'interrupted' }), 130],
])('check, summary, page and JUnit agree on a run with %s', async (_, journal, code) => {
  const verdicts = judgeJournal(journal)
  expect(runExitCode(journal, verdicts)).toBe(code)
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-check-'))
  const path = layRun(folder.path, 'run-1', journal)
  const check = holdfastIn(folder.path, ['check', 'run-1', '--json'])
  expect(check.code).toBe(code)
  const { incomplete, exitCode } = JSON.parse(check.stdout) as { incomplete: unknown[]; exitCode: number }
  expect(exitCode).toBe(code)
  const read = (file: string): string => readFileSync(file, 'utf8')
  const written = await writeReports(path, journal, verdicts)
  expect(JSON.parse(read(written.summary))).toMatchObject({ exitCode: code, incomplete })
  expect(read(written.page)).toContain(`<dt>Exit code</dt><dd>${code}</dd>`)
  expect(/<testsuites [^>]*failures="0" errors="0"/.test(read(written.junit))).toBe(code === 0)
})

test('check names what makes a run incomplete', () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-check-'))
  layRun(folder.path, 'run-1', [
    ...ended({ outcome: 'script-error', reason: 'x is not set', where: 'mine.ts:12' }),
    harnessError,
  ])
  const { stdout, code } = holdfastIn(folder.path, ['check', 'run-1'])
  expect(code).toBe(2)
  expect(stdout).toContain('incomplete: harness-error: the agent of worker1 is lost')
  expect(stdout).toContain('incomplete: kill-scheduler: script-error at mine.ts:12: x is not set')
})

test('check reports a removed line and a missing end, and nothing passes on that recording', () => {
  const today = edited(sound, 'run', (record) => ({ ...record, schema: 2, scenarios: ['kill-scheduler'] }))
  const check = (attack: (lines: string[]) => string[]) => {
    using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-check-'))
    const journal = join(layRun(folder.path, 'run-1', [...today, { kind: 'end', at: start }]), 'journal.ndjson')
    const lines = readFileSync(journal, 'utf8').trimEnd().split('\n')
    writeFileSync(journal, `${attack(lines).join('\n')}\n`)
    const { code, stdout } = holdfastIn(folder.path, ['check', 'run-1', '--json'])
    const { verdicts, incomplete } = JSON.parse(stdout) as {
      readonly verdicts: readonly { readonly code: string }[]
      readonly incomplete: readonly { readonly cause: string }[]
    }
    const lost = verdicts.filter((verdict) => verdict.code === 'JOURNAL_LOSS').length
    return { code, lost, of: verdicts.length, causes: incomplete.map(({ cause }) => cause) }
  }
  const whole = check((lines) => lines)
  expect(whole).toMatchObject({ code: 0, lost: 0, causes: [] })
  expect(check((lines) => lines.toSpliced(200, 1))).toEqual({ ...whole, code: 2, lost: whole.of, causes: ['journal-loss'] }) // prettier-ignore
  expect(check((lines) => lines.slice(0, -1))).toEqual({ ...whole, code: 2, causes: ['journal-loss'] })
  const causes = ['journal-loss', 'not-ended']
  expect(check((lines) => lines.slice(0, -2))).toEqual({ ...whole, code: 2, lost: whole.of, causes })
})
