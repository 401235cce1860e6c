import { mkdtempDisposableSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { contracts } from '../../contracts/catalogue.ts'
import { judgeJournal } from '../../contracts/judge-journal.ts'
import { writeReports } from '../../../reports/write-reports.ts'
import { drainNode, killScheduler } from '../../judge/testing/sample-journals.ts'
import { edited } from '../../judge/testing/verdict.ts'
import { holdfastIn, layRun } from '../testing/holdfast.ts'
import type { LastExercised } from './last-exercised.ts'

interface Listed {
  readonly contracts: readonly {
    readonly id: string
    readonly needs: string
    readonly lastExercised: LastExercised | null
  }[]
}

test('list shows what each contract needs, and the newest recordings that exercised it', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-list-'))
  const named = (run: string, sample: typeof drainNode) => edited(sample(), 'run', (record) => ({ ...record, run }))
  for (const [age, run, sample] of [
    [300, 'oldest', drainNode],
    [200, 'newer', killScheduler],
  ] as const) {
    const journal = named(run, sample)
    const path = layRun(folder.path, run, journal)
    await writeReports(path, journal, judgeJournal(journal))
    const when = Date.now() / 1000 - age
    utimesSync(join(path, 'journal.ndjson'), when, when)
  }
  // A run in progress, or a killed one, has no summary; `list` skips a summary of another version.
  layRun(folder.path, 'going-on', named('going-on', killScheduler))
  writeFileSync(join(layRun(folder.path, 'foreign', named('foreign', drainNode)), 'summary.json'), '{"schema":1}')

  const result = holdfastIn(folder.path, ['list', '--json'])
  expect(result).toMatchObject({ code: 0, stderr: '' })
  const listed = JSON.parse(result.stdout) as Listed
  expect(listed.contracts.map(({ id, needs }) => [id, needs])).toEqual(contracts.map(({ id, needs }) => [id, needs]))
  const last = new Map(listed.contracts.map((one) => [one.id, one.lastExercised]))
  expect(last.get('SCHED-02')).toMatchObject({
    run: 'newer',
    recordings: [{ scenario: 'kill-scheduler', verdict: 'pass', code: expect.stringMatching(/^[A-Z_]+$/) as string }],
  })
  expect(last.get('WL-08')).toMatchObject({ run: 'oldest', recordings: [{ scenario: 'drain-node', verdict: 'pass' }] })
  expect(last.get('PROXY-11')).toBeNull()

  const { stdout } = holdfastIn(folder.path, ['list'])
  const [, ...about] = stdout.slice(stdout.indexOf('  SCHED-02')).split('\n')
  expect(about[0]?.trim()).toBe(`needs: ${contracts.find(({ id }) => id === 'SCHED-02')?.needs}`)
  expect(about[1]?.trim()).toBe('last exercised: pass on kill-scheduler (run newer)')
  expect(stdout.slice(stdout.indexOf('  PROXY-11'))).toContain('last exercised: never')
})
