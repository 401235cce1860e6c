import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { killScheduler } from '../../judge/testing/sample-journals.ts'

const main = fileURLToPath(new URL('../main.ts', import.meta.url))

/** Starts `tail` in a folder and collects its output. */
function tailing(folder: string) {
  const tail = spawn(process.execPath, [main, 'tail'], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const output = { stdout: '', stderr: '' }
  tail.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text))
  tail.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text))
  return {
    output,
    ended: new Promise<number | null>((resolve) => tail.on('close', resolve)),
    until: (text: string): Promise<void> =>
      new Promise((resolve) => {
        const onData = (): void => {
          if (!output.stdout.includes(text)) return
          tail.stdout.off('data', onData)
          resolve()
        }
        tail.stdout.on('data', onData)
        onData()
      }),
    stopReading: () => tail.stdout.destroy(),
    [Symbol.dispose]: () => void tail.kill('SIGKILL'),
  }
}

test('tail prints events in plain lines as they are recorded, and ends with the run', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-tail-'))
  const run = join(folder.path, 'reports/out/run-1')
  mkdirSync(run, { recursive: true })
  const journal = join(run, 'journal.ndjson')
  const lines = killScheduler().map((record) => `${JSON.stringify(record)}\n`)
  const healed = lines.findIndex((line) => line.includes('"edge":"healed"'))
  const [before, after] = [lines.slice(0, healed).join(''), lines.slice(healed).join('')]
  // The writer is in the middle of a line.
  writeFileSync(journal, before + after.slice(0, 20))
  using tail = tailing(folder.path)
  const { output } = tail
  await tail.until('kill kube-scheduler@control-plane1: active')
  expect(output.stdout).not.toContain('healed')
  appendFileSync(journal, after.slice(20))
  await tail.until('kill-scheduler: completed')
  writeFileSync(join(run, 'summary.json'), '{}')
  expect(await tail.ended).toBe(0)
  expect(output.stdout).toMatch(/^ +\d+\.\d s {2}kill kube-scheduler@control-plane1: healed after \d/m)
  expect(output.stdout).toContain('kube-scheduler: control-plane1 leads')
  expect(output.stdout).toMatch(/^[\x20-\x7e\n]*$/)
})

/** Writes a journal like a harness that is killed: every line, and half of another. */
function writer(journal: string, lines: readonly string[]): ChildProcess {
  const [first = '', ...others] = lines
  const program = `
    import { appendFileSync } from 'node:fs'
    import { thisProcess } from ${JSON.stringify(new URL('../../common/process-identity.ts', import.meta.url).href)}
    const [journal, first, others] = process.argv.slice(1)
    appendFileSync(journal, JSON.stringify({ ...JSON.parse(first), process: thisProcess() }) + '\\n' + others)
    setInterval(() => undefined, 1000)
  `
  const argv = ['--input-type=module', '-e', program, journal, first, `${others.join('')}{"kind":"att`]
  return spawn(process.execPath, argv, { stdio: 'inherit' })
}

test('tail reports a killed run and its torn journal line', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-tail-'))
  const run = join(folder.path, 'reports/out/run-1')
  mkdirSync(run, { recursive: true })
  const journal = join(run, 'journal.ndjson')
  writeFileSync(journal, '')
  const lines = killScheduler().map((record) => `${JSON.stringify(record)}\n`)
  const healed = lines.findIndex((line) => line.includes('"edge":"healed"'))
  const harness = writer(journal, lines.slice(0, healed))
  using tail = tailing(folder.path)
  await tail.until('kill kube-scheduler@control-plane1: active')
  harness.kill('SIGKILL')
  expect(await tail.ended).toBe(2)
  expect(tail.output.stderr).toContain("The run's process was killed")
  expect(tail.output.stderr).toContain('torn after 12 bytes')
  expect(tail.output.stderr).toContain(`check ${run}`)
})

test('tail ends when its reader closes the pipe', async () => {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-tail-'))
  const run = join(folder.path, 'reports/out/run-1')
  mkdirSync(run, { recursive: true })
  const journal = join(run, 'journal.ndjson')
  const [first = '', ...others] = killScheduler().map((record) => `${JSON.stringify(record)}\n`)
  writeFileSync(journal, first)
  using tail = tailing(folder.path)
  await tail.until('run ')
  tail.stopReading()
  appendFileSync(journal, others.join(''))
  expect(await tail.ended).toBe(0)
  expect(tail.output.stderr).toBe('')
})
