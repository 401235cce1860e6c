import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFailed, onTestFinished, test } from 'vitest'
import { engine } from '../../../harness/cluster/machine/engine.ts'
import { eventually } from '../../../harness/common/eventually.ts'
import { $ } from '../../../harness/host/shell.ts'
import type { Verdict } from '../../../harness/judge/verdict/verdict.ts'
import { findRun } from '../../../harness/run/orphans/runs-on-engine.ts'
import type { RunResult } from '../../../harness/run/run.ts'
import { isHostNoise } from '../../../harness/vitest/contract-tests.ts'
import { type Summary, summarySchema } from '../../../reports/summary.ts'
import { isNightly } from '../../../harness/vitest/nightly.ts'
import { visitor } from './never-recovers/not-removable.ts'

/*
 * Clusters that a test breaks without a declared fault, and that never recover. The result is a failed contract and no harness
 * error. Later scenarios run on a fresh cluster and are judged.
 */

interface Ran {
  readonly id: string
  readonly code: number
  readonly progress: string
  readonly verdicts: readonly Verdict[]
  readonly summary: Summary
  readonly page: string
  readonly junit: string
}

async function run(out: string, ...args: string[]): Promise<Ran> {
  const argv = ['harness/cli/main.ts', 'run', ...args, '--distribution', 'upstream', '--out', out, '--json']
  const { stdout, stderr: progress, exitCode: code } = await $({ nothrow: true })`${process.execPath} ${argv}`
  // The run's folder is removed: the output is the only trace of a cause.
  onTestFailed(() => console.error(progress))
  const { run: id, verdicts, folder } = JSON.parse(stdout) as RunResult
  const [page, junit, summary] = await Promise.all(
    ['index.html', 'junit.xml', 'summary.json'].map((name) => readFile(join(folder, name), 'utf8')),
  )
  return {
    id,
    code: code ?? 255,
    progress,
    verdicts,
    page: page ?? '',
    junit: junit ?? '',
    summary: summarySchema.parse(JSON.parse(summary ?? '')),
  }
}

const always: readonly [scenario: string, contract: string, code: string][] = [
  ['standby-scheduler', 'SCHED-14', 'NO_TAKEOVER'],
  ['standby-scheduler', 'SCHED-02', 'POD_LEFT_WAITING'],
  ['etcd-member', 'ETCD-02', 'MEMBER_NEVER_REJOINED'],
]
const nightly: typeof always = [
  ['controller-managers', 'CM-01', 'NOT_RECONCILED'],
  ['node-lifecycle', 'NODE-02', 'NEVER_UNKNOWN'],
  ['drained-pods', 'CM-01', 'NOT_RECONCILED'],
]
const broken = isNightly ? [...nightly, ...always] : always

test('contracts fail for a cluster that never recovers, and the next scenario is judged', async () => {
  await using out = await mkdtempDisposable(join(tmpdir(), 'holdfast-never-'))
  const names = [...new Set(broken.map(([scenario]) => scenario))]
  const folder = 'suites/e2e/judge/never-recovers'
  const files = names.map((name) => `${folder}/${name}.ts`)
  const docker = await engine()
  const letGo = async (): Promise<void> => {
    await docker
      .getContainer(visitor)
      .remove({ force: true, v: true })
      .catch(() => undefined)
  }
  onTestFinished(letGo)
  const words = [...files, `${folder}/not-removable.ts`, 'worked-example', '--timings', 'brisk']
  const { id, code, progress, verdicts, summary, page, junit } = await run(out.path, ...words)
  const found = verdicts.flatMap(({ scenario, contract, status, code: finding }) =>
    status === 'fail' ? [[scenario, contract, finding]] : [],
  )
  expect(found).toEqual(expect.arrayContaining(broken.map((one) => [...one])))
  expect(code).toBe(1)
  expect(summary.exitCode).toBe(1)
  for (const [, contract, finding] of broken) {
    const promise = verdicts.find((verdict) => verdict.contract === contract)?.promise ?? ''
    for (const report of [page, junit]) {
      expect(report).toContain(finding)
      expect(report).toContain(promise)
    }
  }
  const last = verdicts.filter(({ scenario, status }) => scenario === 'worked-example' && status !== 'not-exercised')
  expect(last.filter((one) => one.status !== 'pass' && !isHostNoise(one))).toEqual([])
  expect(last.length).toBeGreaterThan(5)
  expect(summary.scenarios.map(({ name, outcome }) => [name, outcome])).toEqual(
    [...names, 'not-removable', 'worked-example'].map((name) => [
      name,
      name === 'not-removable' ? 'script-error' : 'completed',
    ]),
  )
  expect(progress).toMatch(/Docker did not remove network holdfast-.*The end of the run tries again\./)
  await letGo()
  // The guardian of the run tries again until the network is removed.
  await eventually('nothing of the run to be left', async () => (await findRun(id)) === undefined, {
    timeoutMs: 60_000,
  })
})

test('judges a scenario that throws by its records, and reports an incomplete run', async () => {
  await using out = await mkdtempDisposable(join(tmpdir(), 'holdfast-throws-'))
  const { code, verdicts, summary } = await run(out.path, 'suites/e2e/judge/never-recovers/throws.ts')
  expect(summary.scenarios).toMatchObject([{ name: 'throws', outcome: 'script-error' }])
  expect(summary.scenarios[0]?.reason).toContain('undefined')
  expect(verdicts.find(({ contract }) => contract === 'CM-01')).toMatchObject({ status: 'pass' })
  expect(verdicts.find(({ contract }) => contract === 'NODE-02')).toMatchObject({
    status: 'inconclusive',
    code: 'STIMULUS_ABSENT',
  })
  expect(verdicts.filter(({ status }) => status === 'fail' || status === 'late')).toEqual([])
  expect(code).toBe(2)
})
